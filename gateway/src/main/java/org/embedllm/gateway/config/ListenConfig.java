package org.embedllm.gateway.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;

/// Where the gateway listens.
///
/// @param host a name or an address
/// @param port 0 for any free one
/// @param withoutKeys whether it may listen beyond this machine although no keys are configured
/// @param tls certificate and key; empty for plain HTTP
public record ListenConfig(String host, int port, boolean withoutKeys, Optional<Tls> tls) {
  public static final ListenConfig DEFAULT =
      new ListenConfig("127.0.0.1", 8080, false, Optional.empty());

  /// @param certificate PEM file, the server's certificate first
  /// @param key PEM file, PKCS#8
  public record Tls(Path certificate, Path key) {}

  /// Whether only this machine can reach it.
  public boolean loopback() {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
