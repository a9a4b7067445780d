package org.embedllm.source.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.embedllm.ingest.Sources.HEADER;
import static org.embedllm.ingest.Sources.gzip;
import static org.embedllm.ingest.Sources.read;
import static org.embedllm.ingest.Sources.score;
import static org.embedllm.ingest.Sources.write;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.Dataset;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.Grouping;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SplitOptions;
import org.embedllm.source.SplitShares;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvTableLayoutTest {
  @TempDir Path folder;

  private Path responses(String rows) {
    return write(folder.resolve("responses.csv"), HEADER + rows);
  }

  @Test
  void publicLayout_withColumnsInAnotherOrder_isReadByName() {
    Path file =
        write(
            folder.resolve("t.csv"),
            "category,label,model_name,prompt,prompt_id\nmath,1,m1,\"2+2?\",7\nmath,0,m2,2+2?,7\n");

    Dataset dataset = read(file);

    assertThat(dataset.data().matrix().questions())
        .containsExactly(new Question("7", "2+2?", "math"));
    assertThat(score(dataset, "m1", "2+2?")).isEqualTo(1f);
    assertThat(score(dataset, "m2", "2+2?")).isEqualTo(0f);
  }

  @Test
  void prompts_withNewlinesQuotesAndOddSeparators_areKeptExactly() {
    String text = "a \"q\",\nline\r\ntwo\u2028three\u0085four\uFEFFfive\u00e9\ud83d\ude00 ";

    Dataset dataset = read(responses("0,0,0,1,\"" + text.replace("\"", "\"\"") + "\",m,c\n"));

    assertThat(dataset.data().matrix().questions().getFirst().text()).isEqualTo(text);
  }

  @Test
  void byteOrderMark_atTheStart_isNotPartOfTheHeader() {
    Path file = write(folder.resolve("t.csv"), "\uFEFFmodel,prompt,score\nm,q,0.25\n");

    assertThat(score(read(file), "m", "q")).isEqualTo(0.25f);
  }

  @Test
  void splitFiles_keepTheirSplit_andSharedPromptsAreCounted() {
    write(folder.resolve("train.csv"), HEADER + "0,0,0,1,a,m,c\n1,0,0,1,b,m,c\n");
    gzip(folder.resolve("val.csv.gz"), HEADER + "2,0,0,1,b,m,c\n");
    write(folder.resolve("test.csv"), HEADER + "3,0,0,1,a,m,c\n4,0,0,0,d,m,c\n");

    Dataset dataset = read(folder);

    assertThat(dataset.splitBrought()).isTrue();
    assertThat(dataset.report().sharedPrompts()).isEqualTo(2);
    assertThat(dataset.data().split().questions(SplitPart.TRAIN)).containsExactly(0, 1);
    assertThat(dataset.data().split().questions(SplitPart.VALIDATION)).containsExactly(2);
    assertThat(dataset.data().split().questions(SplitPart.TEST)).containsExactly(3, 4);
  }

  @Test
  void splitFiles_withResplit_areSplitAnewAndKeepTextsTogether() {
    write(folder.resolve("train.csv"), HEADER + "0,0,0,1,a,m,c\n1,0,0,1,b,m,c\n");
    write(folder.resolve("test.csv"), HEADER + "3,0,0,1,a,m,c\n4,0,0,0,d,m,c\n");

    Dataset dataset =
        read(
            ImportOptions.DEFAULT.withSplit(
                SplitOptions.DEFAULT.withShares(SplitShares.parse("50/25/25"))),
            folder);

    assertThat(dataset.splitBrought()).isFalse();
    assertThat(dataset.report().sharedPrompts()).isZero();
  }

  @Test
  void idInTwoSplits_isAQuestionInEach() {
    write(folder.resolve("train.csv"), HEADER + "0,0,0,1,a,m,c\n");
    write(folder.resolve("test.csv"), HEADER + "0,0,0,0,a,m,c\n");

    Dataset dataset = read(folder);

    assertThat(dataset.data().matrix().questions())
        .extracting(Question::id)
        .containsExactly("0", "0#test");
    assertThat(dataset.report().sharedPrompts()).isEqualTo(1);
    assertThat(dataset.report().conflicts()).isZero();
  }

  @Test
  void modelSets_thatDiffer_lineUpByName() {
    write(folder.resolve("train.csv"), HEADER + "0,0,0,1,a,x,c\n0,1,0,0,a,y,c\n0,2,0,1,a,z,c\n");
    write(folder.resolve("test.csv"), HEADER + "1,0,0,1,b,z,c\n1,1,0,0,b,x,c\n");

    Dataset dataset = read(folder);

    assertThat(dataset.data().matrix().models()).containsExactly("x", "y", "z");
    assertThat(score(dataset, "z", "b")).isEqualTo(1f);
    assertThat(score(dataset, "x", "b")).isEqualTo(0f);
    assertThat(score(dataset, "y", "b")).isNaN();
  }

  @Test
  void orderFiles_onlySetTheOrder() {
    responses("5,0,0,1,a,x,c\n6,1,0,0,b,y,c\n");
    write(folder.resolve("model_order.csv"), "model_id,model_name\n0,absent\n1,y\n2,x\n");
    write(folder.resolve("question_order.csv"), "prompt_id,prompt\n9,never\n6,b\n5,a\n");

    Dataset dataset = read(folder);

    assertThat(dataset.data().matrix().models()).containsExactly("y", "x");
    assertThat(dataset.data().matrix().questions())
        .extracting(Question::id)
        .containsExactly("6", "5");
    assertThat(score(dataset, "y", "b")).isEqualTo(0f);
    assertThat(score(dataset, "x", "a")).isEqualTo(1f);
  }

  @Test
  void question_withoutId_isItsText() {
    Path file = write(folder.resolve("t.csv"), "model,question,score\nm1,q,1\nm2,q,0\nm1,r,0.5\n");

    Dataset dataset = read(file);

    assertThat(dataset.data().matrix().questions())
        .containsExactly(new Question("q", "q", ""), new Question("r", "r", ""));
  }

  @Test
  void conflicts_areCountedAndSettledByTheMean() {
    Dataset dataset =
        read(
            responses(
                "0,0,0,1,a,m,c\n0,0,0,0,a,m,c\n0,0,0,1,a,m,c\n1,0,0,1,b,m,c\n1,0,0,1,b,m,c\n"));

    assertThat(dataset.report().conflicts()).isEqualTo(1);
    assertThat(score(dataset, "m", "a")).isEqualTo(2f / 3f);
    assertThat(score(dataset, "m", "b")).isEqualTo(1f);
  }

  @Test
  void conflicts_underError_nameTheLineThatDisagrees() {
    Path file = responses("0,0,0,1,a,m,c\n1,0,0,1,b,m,c\n0,0,0,0,a,m,c\n");

    assertThatThrownBy(() -> read(ImportOptions.DEFAULT.withConflicts(ConflictRule.ERROR), file))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ":4: ")
        .hasMessageContaining("--conflicts");
  }

  @Test
  void answers_withoutScore_stayUnobserved() {
    Dataset dataset = read(responses("0,0,0,,a,m,c\n0,1,0,1,a,n,c\n1,0,0,NaN,b,n,c\n"));

    assertThat(dataset.report().unobservedRows()).isEqualTo(2);
    assertThat(score(dataset, "m", "a")).isNaN();
    assertThat(dataset.data().matrix().cellCount()).isEqualTo(1);
    assertThat(dataset.data().matrix().questionCount()).isEqualTo(2);
  }

  @Test
  void costs_areMeansByModel() {
    Path file =
        write(folder.resolve("t.csv"), "model,prompt,score,cost\nm,a,1,0.5\nm,b,0,1.5\nn,a,1,\n");

    assertThat(read(file).data().callCosts()).containsOnlyKeys("m").containsEntry("m", 1.0);
  }

  @Test
  void group_keepsItsQuestionsAndTheirTextsTogether() {
    StringBuilder rows = new StringBuilder("model,prompt_id,prompt,score,author\n");
    for (int j = 0; j < 60; j++) {
      // Groups 0 and 1 share a text, so that they must go together too.
      String text = j < 2 ? "shared" : "text " + j;
      rows.append("m,")
          .append(j)
          .append(',')
          .append(text)
          .append(",1,g")
          .append(j % 6)
          .append('\n');
    }
    Path file = write(folder.resolve("t.csv"), rows.toString());

    Dataset dataset =
        read(
            ImportOptions.DEFAULT.withSplit(
                SplitOptions.DEFAULT.withGrouping(new Grouping.Column("author"))),
            file);

    for (int j = 6; j < 60; j++) {
      assertThat(dataset.data().split().part(j)).isEqualTo(dataset.data().split().part(j % 6));
    }
    assertThat(dataset.data().split().part(0)).isEqualTo(dataset.data().split().part(1));
    assertThat(dataset.report().sharedPrompts()).isZero();
  }

  @Test
  void label_thatIsNeither0Nor1_isRefusedWithItsLine() {
    Path file = responses("0,0,0,1,\"a\nb\",m,c\n1,0,0,yes,b,m,c\n");

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ":4: label must be 0 or 1; got \"yes\"")
        .hasMessageContaining("--column score=label");
  }

  @Test
  void label_thatIsAFraction_isRefusedWithTheRemedy() {
    Path file = responses("0,0,0,0.5,a,m,c\n");

    assertThatThrownBy(() -> read(file)).hasMessageContaining("name the column score");
  }

  @Test
  void header_withAMisspelledColumn_isRefusedWithASuggestion() {
    Path file = write(folder.resolve("t.csv"), "model_nam,prompt,label\nm,q,1\n");

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ":1: ")
        .hasMessageContaining("found columns model_nam, prompt, label")
        .hasMessageContaining("--column model=model_nam --to DATASET");
  }

  @Test
  void id_withAnotherText_isRefusedAndBothPlacesAreNamed() {
    Path file = responses("0,0,0,1,a,m,c\n0,1,0,1,b,n,c\n");

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ":3: ")
        .hasMessageContaining(file + ":2");
  }

  @Test
  void quote_thatIsNeverClosed_isRefusedWithItsLine() {
    Path file = responses("0,0,0,1,a,m,c\n1,0,0,1,\"b,m,c\n2,0,0,1,d,m,c\n");

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ":3: ");
  }

  @Test
  void row_withTooFewFields_isRefusedWithItsLine() {
    Path file = responses("0,0,0,1,a,m,c\n1,0,0,1\n");

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ":3: has 4 fields where the header has 7");
  }

  @Test
  void gzip_cutAnywhere_isRefused() throws Exception {
    StringBuilder rows = new StringBuilder(HEADER);
    for (int j = 0; j < 50; j++) {
      rows.append(j).append(",0,0,1,text ").append(j * 7919).append(",m,c\n");
    }
    Path whole = gzip(folder.resolve("whole.csv.gz"), rows.toString());
    byte[] bytes = java.nio.file.Files.readAllBytes(whole);
    Path cut = folder.resolve("cut.csv.gz");

    for (int length = 0; length < bytes.length; length++) {
      write(cut, java.util.Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> read(cut))
          .as("cut to %d bytes", length)
          .isInstanceOf(BadInputException.class)
          .hasMessageStartingWith(cut.toString());
    }
  }

  @Test
  void text_thatIsNotUtf8_isRefusedWithItsLine() {
    byte[] good = (HEADER + "0,0,0,1,a,m,c\n").getBytes(StandardCharsets.UTF_8);
    byte[] bad = "1,0,0,1,caf\u00e9,m,c\n".getBytes(StandardCharsets.ISO_8859_1);
    byte[] both = java.util.Arrays.copyOf(good, good.length + bad.length);
    System.arraycopy(bad, 0, both, good.length, bad.length);
    Path file = write(folder.resolve("t.csv"), both);

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessage(file + ":3: is not valid UTF-8; convert the file to UTF-8");
  }

  @Test
  void file_thatIsEmptyAbsentOrADirectory_isRefused() {
    Path empty = write(folder.resolve("empty.csv"), "");
    Path headerOnly = write(folder.resolve("header.csv"), HEADER);

    assertThatThrownBy(() -> read(empty)).hasMessage(empty + ": is empty");
    assertThatThrownBy(() -> read(headerOnly)).hasMessage("no answers in " + headerOnly);
    Path unscored = write(folder.resolve("u.csv"), "model,prompt,score\nm,a,NaN\nm,b,\n");
    assertThatThrownBy(() -> read(unscored))
        .hasMessage("no answers in " + unscored + ": none of its 2 rows has a score");
    assertThatThrownBy(() -> read(folder.resolve("absent.csv"))).hasMessageContaining("exist");
    Path nothing = folder.resolve("sub");
    write(nothing.resolve("notes.txt"), "x");
    assertThatThrownBy(() -> read(nothing)).hasMessageContaining("nothing to import");
  }

  @Test
  void sources_ofWhichOnlySomeBringASplit_areRefusedWithTheRemedy() {
    Path train = write(folder.resolve("train.csv"), HEADER + "0,0,0,1,a,m,c\n");
    Path other = write(folder.resolve("other.csv"), HEADER + "1,0,0,1,b,m,c\n");

    assertThatThrownBy(() -> read(train, other)).hasMessageContaining("--split");
    assertThat(
            read(
                    ImportOptions.DEFAULT.withSplit(
                        SplitOptions.DEFAULT.withShares(SplitShares.DEFAULT)),
                    train,
                    other)
                .data()
                .matrix()
                .questionCount())
        .isEqualTo(2);
  }

  @Test
  void loader_takesABareFile_andMakesASplit() {
    Path file = write(folder.resolve("test.csv"), HEADER + "0,0,0,1,a,m,c\n1,0,0,1,b,m,c\n");

    Dataset dataset = DatasetLoader.load(file);

    assertThat(dataset.splitBrought()).isFalse();
    assertThat(dataset.data().matrix().models()).isEqualTo(List.of("m"));
  }

  @Test
  void splitShares_ofThreeNumbers_areFractions() {
    assertThat(SplitShares.parse("80/10/10")).isEqualTo(new SplitShares(0.8, 0.1));
    assertThat(SplitShares.parse("8/1/1")).isEqualTo(new SplitShares(0.8, 0.1));
    for (String bad : List.of("80/20", "a/b/c", "0/50/50", "-1/1/1", "80/10/10/0", "")) {
      assertThatThrownBy(() -> SplitShares.parse(bad))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("80/10/10");
    }
  }

  @Test
  void shards_andTheNameValidation_areRead() {
    write(folder.resolve("train-00001-of-00002.csv"), HEADER + "1,0,0,1,b,m,c\n");
    write(folder.resolve("train-00000-of-00002.csv"), HEADER + "0,0,0,1,a,m,c\n");
    write(folder.resolve("validation.csv"), HEADER + "2,0,0,1,d,m,c\n");

    Dataset dataset = read(folder);

    assertThat(dataset.data().matrix().questions())
        .extracting(Question::text)
        .containsExactly("a", "b", "d");
    assertThat(dataset.data().split().questions(SplitPart.VALIDATION)).containsExactly(2);
  }

  @Test
  void directory_withTwoTablesOfOneName_isRefused() {
    write(folder.resolve("train.csv"), HEADER + "1,0,0,1,b,m,c\n");
    gzip(folder.resolve("train.csv.gz"), HEADER + "1,0,0,1,b,m,c\n");

    assertThatThrownBy(() -> read(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("train.csv and train.csv.gz");
  }
}
