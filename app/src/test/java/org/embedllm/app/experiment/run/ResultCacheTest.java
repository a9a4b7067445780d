package org.embedllm.app.experiment.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ResultCacheTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path folder;

  private Path only(String ending) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(file -> file.toString().endsWith(ending)).findFirst().orElseThrow();
    }
  }

  private static ObjectNode value() {
    ObjectNode value = JSON.createObjectNode();
    value.put("accuracy", 0.1f).put("loss", 1e-12).put("epochs", 3L).put("name", "é\n\"");
    value.putArray("each").add(1.0).add(Float.MIN_VALUE).add(1e300);
    return value;
  }

  @Test
  void entries_areFound_asTheyWere() {
    ResultCache cache = ResultCache.of(folder, "all");
    FloatMatrix matrix = FloatMatrix.wrap(1, 2, new float[] {1, Float.NaN});
    cache.put("a", value());
    cache.put("a", matrix);
    assertThat(cache.json("a").orElseThrow()).hasToString(value().toString());
    assertThat(cache.matrix("a")).contains(matrix);
    assertThat(ResultCache.of(folder, "other").json("a")).isEmpty();
  }

  @Test
  void entry_thatWasAltered_countsAsMissing() throws IOException {
    ResultCache cache = ResultCache.of(folder, "all");
    cache.put("a", value());
    cache.put("a", FloatMatrix.wrap(1, 2, new float[] {1, 2}));
    Path json = only(".json");
    Files.writeString(json, Files.readString(json).replace("\"epochs\":3", "\"epochs\":4"));
    Path tensors = only(".safetensors");
    byte[] bytes = Files.readAllBytes(tensors);
    bytes[bytes.length - 1] ^= 1;
    Files.write(tensors, bytes);

    assertThat(cache.json("a")).isEmpty();
    assertThat(cache.matrix("a")).isEmpty();
  }

  @Test
  void entry_ofAnEarlierVersion_countsAsMissing() throws IOException {
    ResultCache cache = ResultCache.of(folder, "all");
    cache.put("a", value());
    Files.writeString(only(".json"), value().toString());
    assertThat(cache.json("a")).isEmpty();
  }
}
