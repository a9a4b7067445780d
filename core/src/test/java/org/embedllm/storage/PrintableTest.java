package org.embedllm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PrintableTest {
  @Test
  void text_withControlCharacters_showsThemAsEscapes() {
    assertThat(Printable.text("a\u001b[31mb\u0007\n\u202Ec"))
        .isEqualTo("a\\u001b[31mb\\u0007\\n\\u202ec");
    assertThat(Printable.text("plain, mit Umlaut ü")).isEqualTo("plain, mit Umlaut ü");
  }

  @Test
  void lines_keepTheirEndsAndTabs_andNothingElseThatActs() {
    assertThat(Printable.lines("a\u007f\n\tb\u009b2J\r\nc\rd\u2067\n"))
        .isEqualTo("a\\u007f\n\tb\\u009b2J\r\nc\\rd\\u2067\n");
  }

  @Test
  void error_aboutAFile_isOneLineWithoutControlCharacters() {
    assertThat(BadInputException.at(Path.of("f"), 3, "got \"\u001b]0;x\u0007\n\""))
        .hasMessage("f:3: got \"\\u001b]0;x\\u0007\\n\"");
  }
}
