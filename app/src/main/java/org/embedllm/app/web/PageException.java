package org.embedllm.app.web;

/// A request of the page that cannot be answered: problem and remedy.
final class PageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String remedy;

  /// @param status the HTTP status
  /// @param message what is wrong
  /// @param remedy blank where there is none
  PageException(int status, String message, String remedy) {
    super(message);
    this.status = status;
    this.remedy = remedy;
  }

  int status() {
    return status;
  }

  String message() {
    return String.valueOf(getMessage());
  }

  String remedy() {
    return remedy;
  }
}
