// The secret stands behind the # of the address, which browsers send to nobody.
// It is posted once and taken out of the history.
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
if (/^[a-z2-7]{20,64}$/.test(token)) {
  document.getElementById("token").value = token;
  document.getElementById("pair").submit();
} else {
  document.getElementById("wait").hidden = true;
  document.getElementById("failed").hidden = false;
}
