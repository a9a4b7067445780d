package org.embedllm.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Text that fits its terminal.
class TerminalTest {
  @Test
  void terminal_ofTheEnvironment_hasItsWidthAndColors() {
    assertThat(Terminal.of(Map.of(), false, Optional.empty())).isEqualTo(new Terminal(80, false));
    assertThat(Terminal.of(Map.of("COLUMNS", "60"), true, Optional.empty()))
        .isEqualTo(new Terminal(60, true));
    assertThat(Terminal.of(Map.of("COLUMNS", "60"), true, Optional.of("100")).width())
        .isEqualTo(100);
    assertThat(Terminal.of(Map.of("COLUMNS", "wide"), true, Optional.empty()).width())
        .isEqualTo(80);
    assertThat(Terminal.of(Map.of("NO_COLOR", "1"), true, Optional.empty()).colors()).isFalse();
    assertThat(Terminal.of(Map.of("TERM", "dumb"), true, Optional.empty()).colors()).isFalse();
  }

  @Test
  void colors_whenAskedFor_areWritten() {
    Terminal plain = new Terminal(80, false);
    assertThat(plain.bold("x")).isEqualTo("x");
    assertThat(plain.with(Terminal.Colors.ALWAYS).bold("x")).isEqualTo("\u001B[1mx\u001B[0m");
    assertThat(new Terminal(80, true).with(Terminal.Colors.NEVER).good("x")).isEqualTo("x");
    assertThat(Terminal.columns("\u001B[1mäb\u001B[0m")).isEqualTo(2);
  }

  @Test
  void paragraph_widerThanTheTerminal_breaksBetweenWords() {
    assertThat(Paragraph.wrapped("  one two three four", 11))
        .containsExactly("  one two", "  three", "  four");
    assertThat(Paragraph.wrapped("a averyveryverylongword b", 10))
        .containsExactly("a", "averyveryverylongword", "b");
    assertThat(Paragraph.wrapped("  $ ./embedllm train data --to m", 22, " \\"))
        .containsExactly("  $ ./embedllm train \\", "      data --to m");
    assertThat(Paragraph.wrapped("$ import logs.csv --to data --force", 24, " \\"))
        .containsExactly("$ import logs.csv \\", "    --to data --force");
    assertThat(Paragraph.wrapped("$ route m 'a b  c d' --top 3", 14, " \\"))
        .containsExactly("$ route m \\", "    'a b  c d' \\", "    --top 3");
  }

  @Test
  void footer_asItStandsInTheSource_becomesParagraphs() {
    assertThat(Paragraph.joined("", "One", "two.", "", "Example: x", "  indented", "more"))
        .containsExactly("", "One two.", "", "Example: x", "  indented", "more");
  }

  @ParameterizedTest
  @CsvSource({
    "0.44, 0.4 s",
    "9.96, 10 s",
    "59.4, 59 s",
    "59.6, 1 min",
    "200, 3 min 20 s",
    "3599.6, 1 h",
    "5640, 1 h 34 min"
  })
  void duration_isSaidAsPeopleSayIt(double seconds, String said) {
    assertThat(Durations.text(seconds)).isEqualTo(said);
  }

  @Test
  void table_widerThanTheTerminal_leavesOutWhatMattersLeast() {
    TextTable table =
        new TextTable("model", "accuracy", "answers", "best at")
            .row("a-model", "70.0 %", "1200", "law 80.0 %")
            .dropFirst("answers");
    assertThat(table.fitting(80)).containsExactly(0, 1, 2, 3);
    assertThat(table.fitting(33)).containsExactly(0, 1, 3);
    assertThat(table.fitting(20)).containsExactly(0, 1);
  }

  @Test
  void help_ofTheProgram_fitsEightyColumnsAndGroupsCommands() {
    var out = new java.io.StringWriter();
    var program =
        new Program(
            List.of(new CommandEntry("train", org.embedllm.app.command.TrainCommand::new)),
            new java.io.PrintWriter(out),
            new java.io.PrintWriter(new java.io.StringWriter()),
            new Terminal(80, false));
    assertThat(program.run("--help")).isZero();
    assertThat(program.run("train", "--help")).isZero();
    assertThat(out.toString().lines().mapToInt(String::length).max().orElseThrow()).isLessThan(81);
    assertThat(out.toString()).contains("\nTrain\n  train ");
  }

  @Test
  void textFromFiles_isShownWithEscapes_andOurStylesStay() {
    Terminal terminal = new Terminal(80, true);
    assertThat(Terminal.shown("a\u001b]0;title\u0007\u202eb\nc"))
        .isEqualTo("a\\u001b]0;title\\u0007\\u202eb\nc");
    assertThat(Terminal.shown(terminal.bold("x\u001b[2J"))).startsWith("\u001b[1mx\\u001b[2J");
    assertThat(new TextTable("name").row("two\nlines\u0007").lines())
        .contains("two\\nlines\\u0007");
  }
}
