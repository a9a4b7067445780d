package org.embedllm.source;

import java.util.Locale;
import java.util.Optional;

/// The layouts that an import reads.
public enum SourceFormat {
  /// A long table as CSV, plain or gzipped; the public EmbedLLM layout is one.
  CSV("csv"),
  /// A long table as JSON Lines, plain or gzipped.
  JSONL("jsonl"),
  /// A long table as Parquet.
  PARQUET("parquet"),
  /// Sample logs of the lm-evaluation-harness.
  LM_EVAL("lm-eval"),
  /// A data set directory made by an import.
  DATASET("dataset");

  private final String label;

  SourceFormat(String label) {
    this.label = label;
  }

  /// The name used on the command line and in `dataset.json`.
  public String label() {
    return label;
  }

  /// A format by its name; `embedllm` is another name of `csv`.
  public static Optional<SourceFormat> named(String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    if (wanted.equals("embedllm")) {
      return Optional.of(CSV);
    }
    for (SourceFormat format : values()) {
      if (format.label.equals(wanted)) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }
}
