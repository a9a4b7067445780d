package org.embedllm.ingest;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForeignFormatTest {
  @TempDir Path folder;

  private void assertNamed(String name, String content, String... parts) {
    Path file = Sources.write(folder.resolve(name), content.getBytes(StandardCharsets.ISO_8859_1));
    var refused =
        assertThatThrownBy(() -> Sources.read(file))
            .isInstanceOf(BadInputException.class)
            .hasMessageStartingWith(file.toString());
    for (String part : parts) {
      refused.hasMessageContaining(part);
    }
  }

  @Test
  void file_ofAnotherKind_isNamedForWhatItLooksLike() {
    assertNamed("routerbench.pkl", "\200\004\225data", "Python pickle", "to_parquet");
    assertNamed("t.xlsx", "PK\003\004x", "workbook", "CSV");
    assertNamed("t.csv", "version https://git-lfs.github.com/spec/v1\n", "git lfs pull");
    assertNamed("t.jsonl", "<!DOCTYPE html><html></html>", "a web page");
    assertNamed(
        "results.json",
        "{\"results\": {}, \"configs\": {}, \"versions\": {}}",
        "lm-evaluation-harness",
        "--log_samples");
    assertNamed(
        "batch.jsonl", "{\"custom_id\":\"1\",\"response\":{\"status_code\":200}}\n", "batch API");
    assertNamed(
        "out.json",
        "[{\"instruction\":\"i\",\"output\":\"o\",\"generator\":\"g\"}]",
        "annotations.json");
  }

  @Test
  void document_thatIsValidAndUnknown_isNamedByItsFields() {
    assertNamed(
        "log.json",
        "{\n  \"run\": {\"a\": 1},\n  \"items\": [\n    {\"q\": 1}\n  ]\n}\n",
        "one JSON document with the fields run, items",
        "one a line");
  }
}
