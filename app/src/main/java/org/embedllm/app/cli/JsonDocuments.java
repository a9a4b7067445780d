package org.embedllm.app.cli;

import java.io.PrintWriter;
import tools.jackson.databind.SequenceWriter;
import tools.jackson.databind.json.JsonMapper;

/// The JSON of several results, each written when it is there: a document alone, or an array. What
/// was not ended after a failure is no valid JSON, so nobody takes a part for the whole.
public interface JsonDocuments {
  /// Writes nothing.
  JsonDocuments NONE =
      new JsonDocuments() {
        @Override
        public void add(Object document) {}

        @Override
        public void end() {}
      };

  /// @param document as in [Console#json]
  void add(Object document);

  /// All were added.
  void end();

  /// Exactly one document.
  static JsonDocuments alone(PrintWriter out) {
    return new JsonDocuments() {
      @Override
      public void add(Object document) {
        JsonOutput.write(document, out);
      }

      @Override
      public void end() {}
    };
  }

  /// An array.
  static JsonDocuments array(JsonMapper json, PrintWriter out) {
    SequenceWriter documents = json.writer().writeValuesAsArray(out);
    return new JsonDocuments() {
      @Override
      public void add(Object document) {
        documents.write(document);
      }

      @Override
      public void end() {
        documents.close();
        out.println();
        out.flush();
      }
    };
  }
}
