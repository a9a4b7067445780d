package org.embedllm.spring;

import org.embedllm.storage.BadInputException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// One clear message instead of a stack trace where the application does not start.
final class BadInputFailureAnalyzer extends AbstractFailureAnalyzer<BadInputException> {
  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, BadInputException cause) {
    return new FailureAnalysis(
        "EmbedLLM: " + cause.getMessage(),
        "Correct the file or the property, and start the application again.",
        cause);
  }
}
