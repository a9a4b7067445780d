package org.embedllm.app.gateway.api;

/// The client has closed its connection; there is nobody to answer.
final class ClientLeft extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ClientLeft() {
    super("the client has gone", null, false, false);
  }
}
