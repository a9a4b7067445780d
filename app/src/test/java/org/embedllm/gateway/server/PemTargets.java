package org.embedllm.gateway.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.app.fuzz.FuzzTarget;

/// Certificates and keys of the gateway. The pair was made for this test.
public final class PemTargets {
  private static final String CERTIFICATE =
      pem(
          "CERTIFICATE",
          "MIIBcDCCARWgAwIBAgIUEbIsfAibN7q96lvFogQCtF8flFswCgYIKoZIzj0EAwIw"
              + "DDEKMAgGA1UEAwwBZzAgFw0yNjExMjkxODQzNDJaGA8yMTI2MTEwNTE4NDM0Mlow"
              + "DDEKMAgGA1UEAwwBZzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABIYetgOeZn9W"
              + "K2h2MCd+/bs2x1a+njFZIM6vvAZYQV5MdjsKypbaYD96Mw/or7eL+vPrwKzyUbHI"
              + "9uz5c3FhIIujUzBRMB0GA1UdDgQWBBS+OArCJ+s/9lAX2nGLNbavNwCWiTAfBgNV"
              + "HSMEGDAWgBS+OArCJ+s/9lAX2nGLNbavNwCWiTAPBgNVHRMBAf8EBTADAQH/MAoG"
              + "CCqGSM49BAMCA0kAMEYCIQD+narLQi9wLep82gAnI7KVab7XJKxs7BELZCikJoBg"
              + "bgIhAIem+9dxCLG6aey+eZZeFKPiqDgNKaL8rgt9e2UC0hZ6");
  private static final String KEY =
      pem(
          "PRIVATE KEY",
          "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgounvOqbENO7qN0TW"
              + "NoBN2PAVrCUdHYgHPEmKk6XVIbyhRANCAASGHrYDnmZ/VitodjAnfv27NsdWvp4x"
              + "WSDOr7wGWEFeTHY7CsqW2mA/ejMP6K+3i/rz68Cs8lGxyPbs+XNxYSCL");

  private PemTargets() {}

  private static String pem(String what, String base64) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(what, base64, what);
  }

  public static List<FuzzTarget> all() {
    return List.of(
        FuzzTarget.ofTexts(
            "pem-certificate",
            (folder, bytes) ->
                PemContext.read(
                    Files.write(folder.resolve("chain.pem"), bytes),
                    Files.writeString(folder.resolve("key.pem"), KEY)),
            CERTIFICATE,
            CERTIFICATE + CERTIFICATE),
        FuzzTarget.ofTexts(
            "pem-key",
            (folder, bytes) -> {
              Path chain = Files.writeString(folder.resolve("chain.pem"), CERTIFICATE);
              PemContext.read(chain, Files.write(folder.resolve("key.pem"), bytes));
            },
            KEY,
            KEY.repeat(2),
            "-----BEGIN PRIVATE KEY-----END PRIVATE KEY-----\n"));
  }
}
