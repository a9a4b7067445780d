package org.embedllm.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

class JsonTreesTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "null",
        "true",
        "\"ä\\u0000\"",
        "-0.0",
        "1e300",
        "12",
        "3000000000",
        "123456789012345678901234567890",
        "{\"a\":[1,2.5,{\"b\":null}],\"c\":false}",
        " [ [ ] , { \"x\" : \"y\" } ] "
      })
  void read_json_isTheTreeOfDataBinding(String json) {
    assertThat(JsonTrees.read(json)).isEqualTo(JSON.readTree(json));
    assertThat(JsonTrees.read(json.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(JSON.readTree(json));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "[1,", "{\"a\"}", "1 2", "]", "nul", "{\"a\":1}}", "'x'"})
  void read_noJson_isRefused(String json) {
    assertThatThrownBy(() -> JsonTrees.read(json)).isInstanceOf(JacksonException.class);
  }

  @Test
  void values_ofTheWrongKind_areRefused() {
    assertThat(JsonTrees.strings("[\"a\", \"b\"]")).containsExactly("a", "b");
    assertThat(JsonTrees.stringsByName("{\"b\": \"x\", \"a\": 1}"))
        .isEqualTo(Map.of("a", "1", "b", "x"));
    assertThat(JsonTrees.numbersByName("{\"a\": 1.5}")).isEqualTo(Map.of("a", 1.5));
    assertThatThrownBy(() -> JsonTrees.strings("{}")).hasMessageContaining("an array");
    assertThatThrownBy(() -> JsonTrees.strings("[1]")).hasMessageContaining("a text");
    assertThatThrownBy(() -> JsonTrees.numbersByName("{\"a\": \"1\"}"))
        .hasMessageContaining("a number");
  }

  @Test
  void write_maps_isReadAgain() {
    String json = JsonTrees.write(Map.of("a", 1.5));
    assertThat(JsonTrees.numbersByName(json)).isEqualTo(Map.of("a", 1.5));
  }
}
