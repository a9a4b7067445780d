package org.embedllm.gateway.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;

/// TLS from PEM files. Helidon's own reader takes no Ed25519 key, does not check that the key
/// belongs to the certificate, and its errors name no file.
final class PemContext {
  private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String END = "-----END PRIVATE KEY-----";

  private PemContext() {}

  /// @throws BadInputException where a file is invalid
  static SSLContext read(Path certificate, Path key) {
    Certificate[] chain = chain(certificate);
    PrivateKey privateKey = privateKey(key);
    requirePair(chain[0], privateKey, certificate, key);
    try {
      char[] password = new char[0];
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, password);
      store.setKeyEntry("gateway", privateKey, password, chain);
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, password);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(factory.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw BadInputException.in(key, "does not fit the certificate: " + e.getMessage(), e);
    }
  }

  /// The certificate must verify a signature of the key.
  private static void requirePair(
      Certificate certificate, PrivateKey key, Path certificateFile, Path keyFile) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    boolean pair = false;
    try {
      byte[] words = "a pair".getBytes(StandardCharsets.US_ASCII);
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(words);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(words);
      pair = signature.verify(signed);
    } catch (GeneralSecurityException e) {
      throw notPair(keyFile, certificateFile, e);
    }
    if (!pair) {
      throw notPair(keyFile, certificateFile, null);
    }
  }

  private static BadInputException notPair(Path key, Path certificate, @Nullable Exception cause) {
    String text = "is not the key of the first certificate in " + certificate;
    return cause == null ? BadInputException.in(key, text) : BadInputException.in(key, text, cause);
  }

  private static Certificate[] chain(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      Certificate[] chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(bytes))
              .toArray(Certificate[]::new);
      if (chain.length == 0) {
        throw BadInputException.in(file, "has no certificate in it");
      }
      return chain;
    } catch (GeneralSecurityException | IOException e) {
      throw BadInputException.in(file, "is no PEM certificate: " + e.getMessage(), e);
    }
  }

  private static PrivateKey privateKey(Path file) {
    try {
      String text = Files.readString(file, StandardCharsets.US_ASCII);
      int begin = text.indexOf(BEGIN);
      int end = text.indexOf(END, begin + BEGIN.length());
      if (begin < 0 || end < 0) {
        throw BadInputException.in(
            file,
            "has no \"BEGIN PRIVATE KEY\" (PKCS#8); convert it with: openssl pkcs8 -topk8 -nocrypt");
      }
      byte[] der = Base64.getMimeDecoder().decode(text.substring(begin + BEGIN.length(), end));
      return decode(file, der);
    } catch (IOException | IllegalArgumentException e) {
      throw BadInputException.in(file, "is no PEM key: " + e.getMessage(), e);
    }
  }

  private static PrivateKey decode(Path file, byte[] der) {
    var tried = new ArrayList<String>();
    for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException e) {
        // Of another algorithm, then.
        tried.add(algorithm);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("this Java platform has no " + algorithm, e);
      }
    }
    throw BadInputException.in(file, "is no key of " + String.join(", ", tried));
  }
}
