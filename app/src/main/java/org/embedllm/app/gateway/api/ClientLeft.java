package org.embedllm.app.gateway.api;

import io.helidon.webserver.CloseConnectionException;

/// The client has closed its connection; there is nobody to answer.
final class ClientLeft extends CloseConnectionException {
  private static final long serialVersionUID = 1L;

  ClientLeft() {
    super("the client has gone");
  }
}
