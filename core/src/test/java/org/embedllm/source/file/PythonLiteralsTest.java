package org.embedllm.source.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PythonLiteralsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "['a', \"b\"] | [\"a\",\"b\"]",
        "['it\\'s', 'None, (x)'] | [\"it's\",\"None, (x)\"]",
        "[{'a': None, 'b': True, 'c': False}] | [{\"a\":null,\"b\":true,\"c\":false}]",
        "('a', ('b',)) | [\"a\",[\"b\"]]",
        "array(['a', 'b'], dtype=object) | [\"a\",\"b\"]",
        "array(['a' 'b' 'c'], dtype='<U5') | [\"a\",\"b\",\"c\"]",
        "[array([{'x': 1} {'x': 2}], dtype=object), 3] | [[{\"x\":1},{\"x\":2}],3]",
        "[1, 2.5, -3] | [1,2.5,-3]",
        "{\"a\": [null, \"\\n\"]} | {\"a\":[null,\"\\n\"]}",
      })
  void literal_ofJsonPythonOrNumpy_isRead(String text, String json) {
    assertThat(PythonLiterals.read(text)).hasToString(json);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[see below", "['a", "]", "array", "dtype", "[1] and [2", "(", "{'a'"})
  void text_thatIsNoLiteral_isMissing(String text) {
    assertThat(PythonLiterals.read(text).isArray()).isFalse();
  }
}
