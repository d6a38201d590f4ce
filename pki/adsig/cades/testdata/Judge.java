// Verifies signatures with BouncyCastle, which shares no code with Go or OpenSSL.
// Arguments: pairs of a signed message in DER and the content that it is over,
// "-" where the message has it. Prints a line for each: what the signer's
// algorithm was, and how many timestamps over the signature, and archive
// timestamps over everything (EN 319 122-1 clause 5.5.3), hold.
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.Security;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.SignedData;
import org.bouncycastle.asn1.cms.SignerInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.util.Selector;
import org.bouncycastle.util.Store;

public class Judge {
    static final ASN1ObjectIdentifier STAMP = new ASN1ObjectIdentifier("1.2.840.113549.1.9.16.2.14");
    static final ASN1ObjectIdentifier ARCHIVE = new ASN1ObjectIdentifier("0.4.0.1733.2.4");
    static final ASN1ObjectIdentifier INDEX = new ASN1ObjectIdentifier("0.4.0.19122.1.5");

    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        for (int i = 0; i < args.length; i += 2) {
            byte[] message = Files.readAllBytes(Path.of(args[i]));
            CMSSignedData signed = args[i + 1].equals("-") ? new CMSSignedData(message)
                : new CMSSignedData(new CMSProcessableByteArray(Files.readAllBytes(Path.of(args[i + 1]))), message);
            for (SignerInformation signer : signed.getSignerInfos().getSigners()) {
                judge(signed, signer, args[i + 1].equals("-") ? content(signed) : Files.readAllBytes(Path.of(args[i + 1])));
            }
        }
    }

    static byte[] content(CMSSignedData signed) {
        return (byte[]) signed.getSignedContent().getContent();
    }

    static void judge(CMSSignedData signed, SignerInformation signer, byte[] content) throws Exception {
        X509CertificateHolder certificate = only(signed.getCertificates(), signer.getSID());
        if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(certificate))) {
            throw new Exception("signature does not verify");
        }
        int stamps = 0, archives = 0;
        if (signer.getUnsignedAttributes() != null) {
            for (TimeStampToken token : tokens(signer, STAMP)) {
                verify(token, signer.getSignature());
                stamps++;
            }
            for (TimeStampToken token : tokens(signer, ARCHIVE)) {
                verify(token, archived(signed, signer, token, content));
                archives++;
            }
        }
        System.out.println("verified " + signer.getEncryptionAlgOID() + " timestamps " + stamps + " archives " + archives);
    }

    static List<TimeStampToken> tokens(SignerInformation signer, ASN1ObjectIdentifier kind) throws Exception {
        List<TimeStampToken> found = new ArrayList<>();
        ASN1EncodableVector all = signer.getUnsignedAttributes().getAll(kind);
        for (int i = 0; i < all.size(); i++) {
            byte[] token = Attribute.getInstance(all.get(i)).getAttrValues().getObjectAt(0).toASN1Primitive().getEncoded();
            found.add(new TimeStampToken(new CMSSignedData(token)));
        }
        return found;
    }

    static byte[] digest(TimeStampToken token, byte[] over) throws Exception {
        return MessageDigest.getInstance(token.getTimeStampInfo().getMessageImprintAlgOID().getId(), "BC").digest(over);
    }

    static void verify(TimeStampToken token, byte[] over) throws Exception {
        X509CertificateHolder authority = only(token.getCertificates(), token.getSID());
        token.validate(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(authority));
        if (!Arrays.equals(digest(token, over), token.getTimeStampInfo().getMessageImprintDigest())) {
            throw new Exception("timestamp is over something else");
        }
    }

    // archived is what an archive timestamp is over, after every hash in its index
    // was found to be of something in the message.
    static byte[] archived(CMSSignedData signed, SignerInformation signer, TimeStampToken token, byte[] content) throws Exception {
        ASN1Sequence index = ASN1Sequence.getInstance(token.getUnsignedAttributes().get(INDEX).getAttrValues().getObjectAt(0));
        SignedData whole = SignedData.getInstance(signed.toASN1Structure().getContent());
        List<byte[]> there = new ArrayList<>();
        for (ASN1Set set : new ASN1Set[] {whole.getCertificates(), whole.getCRLs()}) {
            for (ASN1Encodable member : set) {
                there.add(digest(token, member.toASN1Primitive().getEncoded("DER")));
            }
        }
        ASN1EncodableVector unsigned = signer.getUnsignedAttributes().toASN1EncodableVector();
        for (int i = 0; i < unsigned.size(); i++) {
            Attribute a = Attribute.getInstance(unsigned.get(i));
            ByteArrayOutputStream both = new ByteArrayOutputStream();
            both.write(a.getAttrType().getEncoded("DER"));
            both.write(a.getAttrValues().getObjectAt(0).toASN1Primitive().getEncoded("DER"));
            there.add(digest(token, both.toByteArray()));
        }
        for (int part = 1; part <= 3; part++) {
            for (ASN1Encodable hash : ASN1Sequence.getInstance(index.getObjectAt(part))) {
                byte[] wanted = ASN1OctetString.getInstance(hash).getOctets();
                if (there.stream().noneMatch(h -> Arrays.equals(h, wanted))) {
                    throw new Exception("the index names what is not there");
                }
            }
        }
        ByteArrayOutputStream over = new ByteArrayOutputStream();
        over.write(whole.getEncapContentInfo().getContentType().getEncoded("DER"));
        over.write(digest(token, content));
        SignerInfo info = signer.toASN1Structure();
        over.write(info.getVersion().getEncoded("DER"));
        over.write(info.getSID().getEncoded("DER"));
        over.write(info.getDigestAlgorithm().getEncoded("DER"));
        over.write(new DERTaggedObject(false, 0, info.getAuthenticatedAttributes()).getEncoded("DER"));
        over.write(info.getDigestEncryptionAlgorithm().getEncoded("DER"));
        over.write(info.getEncryptedDigest().getEncoded("DER"));
        over.write(index.getEncoded("DER"));
        return over.toByteArray();
    }

    static X509CertificateHolder only(Store<X509CertificateHolder> store, Selector<X509CertificateHolder> who) throws Exception {
        Collection<X509CertificateHolder> found = store.getMatches(who);
        if (found.size() != 1) {
            throw new Exception(found.size() + " certificates for the signer");
        }
        return found.iterator().next();
    }
}
