package org.embedllm.question;

/// Is told the progress of an encoding: once before the first text, then after each group of texts.
@FunctionalInterface
public interface EncodingListener {
  void progress(EncodingProgress progress);
}
