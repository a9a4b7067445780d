package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A model that was trained with an encoder's folder, after the folder moved.
@Tag("training")
class MovedEncoderTest {
  @TempDir private static Path folder;
  private static Path before;
  private static Path now;
  private static Path model;
  private static Path data;

  /// Train, and move the folder.
  @BeforeAll
  static void train() throws IOException {
    before = folder.resolve("before");
    now = folder.resolve("now");
    model = folder.resolve("pool.safetensors");
    data = folder.resolve("data");
    encoder(before);
    Path source = Files.writeString(folder.resolve("t.csv"), table(""));
    assertThat(CommandRun.of("import", source, "--to", data, "--split", "80/10/10").status())
        .isZero();
    CommandRun train = CommandRun.of("train", data, "--encoder", before, "--to", model);
    assertThat(train.status()).as(train.err()).isZero();
    Files.move(before, now);
  }

  /// A folder as the hub lays it out.
  private static void encoder(Path to) throws IOException {
    Files.createDirectories(to.resolve("1_Pooling"));
    for (String file : List.of("model.onnx", "tokenizer.json")) {
      String resource =
          file.equals("model.onnx")
              ? "/all-minilm-l6-v2-q.onnx"
              : "/all-minilm-l6-v2-q-tokenizer.json";
      try (InputStream in = MovedEncoderTest.class.getResourceAsStream(resource)) {
        Files.copy(in, to.resolve(file));
      }
    }
    Files.writeString(
        to.resolve("modules.json"),
        """
        [{"path": "", "type": "sentence_transformers.models.Transformer"},
         {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
        """);
    Files.writeString(to.resolve("1_Pooling/config.json"), "{\"pooling_mode_mean_tokens\": true}");
    Files.writeString(to.resolve("sentence_bert_config.json"), "{\"max_seq_length\": 64}");
    Files.writeString(
        to.resolve("config.json"), "{\"hidden_size\": 384, \"max_position_embeddings\": 512}");
  }

  private static String table(String more) {
    StringBuilder table = new StringBuilder("model,prompt_id,prompt,category,label\n");
    for (int j = 0; j < 30; j++) {
      for (int i = 0; i < 3; i++) {
        table.append(
            "m%d,%d,%swhat is %d plus %d,sums,%d%n".formatted(i, j, more, j, i, (j + i) % 3 / 2));
      }
    }
    return table.toString().replaceAll("plus \\d", "plus 1");
  }

  private List<Object> command(String name) throws IOException {
    Path fresh = Files.writeString(folder.resolve("fresh.csv"), table("tell me: "));
    Path questions = Files.writeString(folder.resolve("questions.txt"), "what is 7 plus 8\n");
    return switch (name) {
      case "route" -> List.of("route", model, "what is 7 plus 8");
      case "evaluate" -> List.of("evaluate", model, fresh);
      case "benchmark" -> List.of("benchmark", model, questions);
      default -> throw new AssertionError(name);
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"route", "evaluate", "benchmark"})
  void command_findsTheEncoderWhereItIsSaidToBe(String name) throws IOException {
    List<Object> command = command(name);
    CommandRun without = CommandRun.of(command.toArray());
    List<Object> placed = new java.util.ArrayList<>(command);
    placed.addAll(List.of("--encoder", now));
    CommandRun with = CommandRun.of(placed.toArray());

    assertThat(without.status()).isEqualTo(2);
    assertThat(without.err()).contains(before.toString(), "--encoder FOLDER");
    assertThat(with.status()).as(with.err()).isZero();
  }

  @Test
  void training_withTheMovedFolder_takesTheKeptVectors() {
    Path again = folder.resolve("again.safetensors");
    CommandRun encode = CommandRun.of("encode", data, "--encoder", now, "--json");
    CommandRun train = CommandRun.of("train", data, "--encoder", now, "--to", again);

    assertThat(encode.json().path("reused").asInt())
        .isGreaterThanOrEqualTo(27); // all but the test questions
    assertThat(train.status()).as(train.err()).isZero();
    assertThat(CommandRun.of("route", again, "what is 7 plus 8").status()).isZero();
  }

  @Test
  void gateway_isServedWithTheMovedFolder() throws IOException {
    HttpServer upstream =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    upstream.createContext(
        "/",
        exchange -> {
          byte[] models = "{\"object\":\"list\",\"data\":[]}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, models.length);
          exchange.getResponseBody().write(models);
          exchange.close();
        });
    upstream.start();
    try {
      Path config =
          Files.writeString(
              folder.resolve("gateway.yaml"),
              "listen: 127.0.0.1:0\nupstreams:\n  - model: m0\n    url: http://127.0.0.1:%d/v1\n"
                  .formatted(upstream.getAddress().getPort()));

      CommandRun without = CommandRun.of("serve", model, "--check", config);
      CommandRun with = CommandRun.of("serve", model, "--check", config, "--encoder", now);

      assertThat(without.status()).isEqualTo(2);
      assertThat(with.status()).as(with.out() + with.err()).isZero();
    } finally {
      upstream.stop(0);
    }
  }
}
