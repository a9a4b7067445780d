package org.embedllm.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.app.cli.CommandEntry;
import org.embedllm.app.cli.Program;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.tensor.Safetensors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("training")
class EncodeCommandTest {
  /// Texts that no other run has: the user's cache would have their vectors.
  private String table() {
    return """
    model,prompt_id,prompt,score
    a,2,Which planet is nearest to %1$s?,1
    b,2,Which planet is nearest to %1$s?,0
    a,0,%2$s,1
    a,1,Which planet is nearest to %1$s?,1
    """
        .formatted(folder.getFileName(), folder.getFileName() + " word".repeat(400));
  }

  @TempDir Path folder;
  private StringWriter out = new StringWriter();
  private StringWriter err = new StringWriter();

  private int run(String... arguments) {
    out = new StringWriter();
    err = new StringWriter();
    return new Program(
            List.of(
                new CommandEntry("import", ImportCommand::new),
                new CommandEntry("encode", EncodeCommand::new)),
            new PrintWriter(out, true),
            new PrintWriter(err, true))
        .run(arguments);
  }

  private JsonNode json() {
    return JsonMapper.shared().readTree(out.toString());
  }

  private String dataset() throws IOException {
    Path table = Files.writeString(folder.resolve("t.csv"), table());
    String target = folder.resolve("d").toString();
    assertThat(run("import", table.toString(), "--to", target)).isZero();
    return target;
  }

  private Path npy() throws IOException {
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }\n";
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + header.length() + 24).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    bytes.put((byte) 1).put((byte) 0).putShort((short) header.length());
    bytes.put(header.getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < 6; i++) {
      bytes.putFloat(i);
    }
    return Files.write(folder.resolve("mine.npy"), bytes.array());
  }

  @Test
  void dataset_encodedTwice_isEncodedOnce() throws IOException {
    String dataset = dataset();
    assertThat(run("encode", dataset, "--encoder", "minilm-l6-q", "--json")).isZero();
    assertThat(json().path("questions").asInt()).isEqualTo(3);
    assertThat(json().path("encoded").asInt()).isEqualTo(2);
    assertThat(json().path("cut").asInt()).isEqualTo(1);
    assertThat(json().path("dimension").asInt()).isEqualTo(384);
    assertThat(run("encode", dataset, "--encoder", "minilm-l6-q", "--json")).isZero();
    assertThat(json().path("encoded").asInt()).isZero();
    assertThat(json().path("reused").asInt()).isEqualTo(2);
    assertThat(json().path("cut").asInt()).isEqualTo(1);
    assertThat(err.toString()).doesNotContain("WARN");
    String table = folder.resolve("t.csv").toString();
    assertThat(run("import", table, "--to", dataset, "--force")).isZero();
    assertThat(run("encode", dataset, "--encoder", "minilm-l6-q")).isZero();
    assertThat(out.toString()).contains("nothing to encode").contains("1 texts were longer");
  }

  @Test
  void fast_choosesTheEncoder_andNotBesideAnother() throws IOException {
    String dataset = dataset();
    assertThat(run("encode", dataset, "--fast", "--json")).isZero();
    assertThat(json().path("encoder").asString()).isEqualTo("minilm-l6-fast");
    assertThat(json().path("maxTokens").asInt()).isEqualTo(128);
    assertThat(run("encode", dataset, "--fast", "--encoder", "bge-small")).isEqualTo(2);
    assertThat(err.toString()).contains("leave out --encoder and --vectors");
  }

  @Test
  void vectors_brought_standInTheOrderOfTheQuestions() throws IOException {
    String dataset = dataset();
    assertThat(run("encode", dataset, "--vectors", npy().toString(), "--json")).isZero();
    assertThat(json().path("encoder").asString()).isEqualTo("file:mine.npy");
    try (var files = Files.list(Path.of(dataset, "vectors"))) {
      Safetensors kept = Safetensors.open(files.findFirst().orElseThrow());
      FloatMatrix vectors = kept.matrix("vectors");
      int[] rows = kept.ints("question_rows");
      // Questions come in the order of the table: 2, 0, 1.
      assertThat(vectors.row(rows[0])).containsExactly(4, 5);
      assertThat(vectors.row(rows[1])).containsExactly(0, 1);
      assertThat(vectors.row(rows[2])).containsExactly(2, 3);
    }
  }

  @Test
  void arguments_thatAreWrong_endWithStatusTwoAndOneLine() throws IOException {
    String dataset = dataset();
    assertThat(run("encode", dataset, "--encoder", "no-such-encoder")).isEqualTo(2);
    assertThat(err.toString()).contains("no-such-encoder").contains("minilm-l6");
    assertThat(run("encode", dataset, "--threads", "0")).isEqualTo(2);
    assertThat(run("encode", dataset, "--vectors", "absent.npy")).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1);
    Path bare = Files.writeString(folder.resolve("bare.csv"), table());
    assertThat(run("encode", bare.toString(), "--vectors", npy().toString())).isEqualTo(2);
    assertThat(err.toString()).contains("import it");
  }
}
