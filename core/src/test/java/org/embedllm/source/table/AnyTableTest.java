package org.embedllm.source.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;
import static org.embedllm.ingest.Sources.read;
import static org.embedllm.ingest.Sources.score;
import static org.embedllm.ingest.Sources.write;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.embedllm.correctness.AttributeValue;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Measure;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Reference;
import org.embedllm.correctness.SplitPart;
import org.embedllm.correctness.Vote;
import org.embedllm.dataset.Dataset;
import org.embedllm.source.ColumnRole;
import org.embedllm.source.Grouping;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.ScoreScale;
import org.embedllm.source.SplitOptions;
import org.embedllm.source.TableOptions;
import org.embedllm.source.file.DuckDb;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tables that name, order and write things in their own way.
class AnyTableTest {
  @TempDir Path folder;

  private static ImportOptions columns(Map<ColumnRole, String> columns) {
    return ImportOptions.DEFAULT.withTable(new TableOptions(columns, List.of(), ScoreScale.UNIT));
  }

  private Path parquet(String name, String select) throws Exception {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Path plain = folder.resolve("plain.parquet");
    try (Connection duckdb = DuckDb.open(file);
        Statement statement = duckdb.createStatement()) {
      statement.execute(
          "COPY (%s) TO %s (FORMAT parquet)".formatted(select, DuckDb.literal(plain.toString())));
    }
    return Files.move(plain, file);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model;prompt;label\na;one;1\nb;one;0\n",
        "model\tprompt\tlabel\na\tone\t1\nb\tone\t0\n",
        "sep=;\r\nmodel;prompt;label\r\na;one;1\r\nb;one;0\r\n",
        "sep=\t\nmodel\tprompt\tlabel\na\tone\t1\nb\tone\t0\n",
        "model,prompt,label\n\na,one,1\n  \n\nb,one,0\n\n",
        "\"model\";\"prompt\";\"label\"\n\"a\";\"one\";\"1\"\nb;one;0\n",
      })
  void table_withAnotherSeparatorOrBlankLines_isRead(String text) {
    Dataset dataset = read(write(folder.resolve("t.csv"), text));

    assertThat(score(dataset, "a", "one")).isEqualTo(1);
    assertThat(score(dataset, "b", "one")).isEqualTo(0);
  }

  @Test
  void line_behindASeparatorLine_isCountedFromTheTop() {
    Path file = write(folder.resolve("t.csv"), "sep=;\nmodel;prompt;label\na;one;2\n");

    assertThatThrownBy(() -> read(file)).hasMessageStartingWith(file + ":3: label must be 0 or 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NA", "N/A", "None", "null", "NaN", ""})
  void score_thatIsMissing_isNoAnswer(String missing) {
    Dataset dataset =
        read(
            write(folder.resolve("t.csv"), "model,prompt,score\na,one," + missing + "\nb,one,1\n"));

    assertThat(score(dataset, "a", "one")).isNaN();
    assertThat(dataset.report().unobservedRows()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "yes,1",
    "Pass,1",
    "CORRECT,1",
    "true,1",
    "right,1",
    "no,0",
    "failed,0",
    "incorrect,0",
    "wrong,0",
  })
  void word_inAScoreColumn_isUnderstood(String word, float expected) {
    Dataset dataset =
        read(write(folder.resolve("t.csv"), "model,prompt,score\na,one," + word + "\n"));

    assertThat(score(dataset, "a", "one")).isEqualTo(expected);
  }

  @Test
  void scale_mapsScoresToFractions_andRefusesOthers() {
    ImportOptions percent =
        ImportOptions.DEFAULT.withTable(
            new TableOptions(Map.of(), List.of(), ScoreScale.parse("0..100")));
    ImportOptions stars =
        ImportOptions.DEFAULT.withTable(
            new TableOptions(Map.of(), List.of(), ScoreScale.parse("1..10")));
    Path file =
        write(folder.resolve("t.csv"), "model,prompt,score\na,one,25\nb,one,100%\nc,one,0\n");

    assertThat(score(read(percent, file), "a", "one")).isEqualTo(0.25f);
    assertThat(score(read(percent, file), "b", "one")).isEqualTo(1);
    assertThatThrownBy(() -> read(stars, file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("score must be between 1 and 10; got \"25\"");
  }

  @Test
  void column_namedForARole_isReadInEveryFormat() throws Exception {
    ImportOptions options =
        columns(
            Map.of(
                ColumnRole.QUESTION,
                "input.text",
                ColumnRole.SCORE,
                "evaluation.score",
                ColumnRole.MODEL,
                "who"));
    List<Path> files =
        List.of(
            write(folder.resolve("t.csv"), "who,input.text,evaluation.score\na,one,0.5\n"),
            write(
                folder.resolve("t.jsonl"),
                "{\"who\":\"a\",\"input\":{\"text\":\"one\"},\"evaluation\":{\"score\":0.5}}\n"),
            write(
                folder.resolve("t.json"),
                "[\n {\"who\":\"a\",\n \"input\":{\"text\":\"one\"},\"evaluation\":{\"score\":0.5}}\n]\n"),
            parquet(
                "x/t.parquet",
                "SELECT 'a' AS who, {'text': 'one'} AS input, {'score': 0.5} AS evaluation"));

    for (Path file : files) {
      assertThat(score(read(options, file), "a", "one")).as("%s", file).isEqualTo(0.5f);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"t.jsonl", "t.json"})
  void field_thatTheFirstObjectLacks_isRead(String name) {
    List<String> rows =
        List.of(
            "{\"model\":\"a\",\"prompt\":\"one\",\"score\":0}",
            "{\"model\":\"a\",\"prompt\":\"two\",\"score\":1,\"cost\":0.5,\"usage\":{\"input_tokens\":7}}",
            "{\"model\":\"a\",\"prompt\":\"three\",\"score\":1,\"cost\":0.25}");
    boolean lines = name.endsWith("l");
    Path file =
        write(
            folder.resolve(name),
            lines ? String.join("\n", rows) + "\n" : "[" + String.join(",\n", rows) + "]");

    EvaluationData data =
        read(columns(Map.of(ColumnRole.INPUT_TOKENS, "usage.input_tokens")), file).data();

    assertThat(data.measures().known(Measure.COST)).isEqualTo(2);
    assertThat(data.measures().value(Measure.COST, 1)).isEqualTo(0.5);
    assertThat(data.measures().value(Measure.INPUT_TOKENS, 1)).isEqualTo(7);
    assertThat(data.measures().value(Measure.INPUT_TOKENS, 2)).isNaN();
  }

  @Test
  void field_thatIsNamed_isFoundInTheLastObject() {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 1500; i++) {
      rows.append("{\"model\":\"a\",\"prompt\":\"%d\",\"score\":1}\n".formatted(i));
    }
    rows.append("{\"model\":\"a\",\"prompt\":\"last\",\"score\":1,\"price\":0.5}\n");
    Path file = write(folder.resolve("t.jsonl"), rows.toString());

    EvaluationData data = read(columns(Map.of(ColumnRole.COST, "price")), file).data();

    assertThat(data.measures().known(Measure.COST)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"answers.json", "train.json", "responses.json"})
  void jsonTable_inAFolder_isRead(String name) {
    write(folder.resolve(name), "[{\"model\":\"a\",\"prompt\":\"one\",\"score\":0.5}]");

    assertThat(score(read(folder), "a", "one")).isEqualTo(0.5f);
  }

  @Test
  void jsonDocument_besideTables_isLeftAlone() {
    write(folder.resolve("t.csv"), "model,prompt,score\na,one,0.5\n");
    write(folder.resolve("settings.json"), "{\"seed\": 1}");

    assertThat(score(read(folder), "a", "one")).isEqualTo(0.5f);
  }

  @Test
  void tables_inFoldersBelow_areNamedWithTheCommand() {
    write(folder.resolve("x y/a/t.csv"), "model,prompt,score\na,one,0.5\n");
    write(folder.resolve("x y/b/t.jsonl"), "{\"model\":\"a\"}\n");
    Path above = folder.resolve("x y");

    assertThatThrownBy(() -> read(above))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("tables below it (a/t.csv, b/t.jsonl)")
        .hasMessageEndingWith("embedllm import '%s/a' '%s/b' --to DATASET".formatted(above, above));
  }

  @Test
  void prompt_ofChatMessages_isItsUserTextInEveryFormat() throws Exception {
    String messages =
        "[{\"role\":\"system\",\"content\":\"be brief\"},{\"role\":\"user\",\"content\":\"one\"}]";
    List<Path> files =
        List.of(
            write(
                folder.resolve("t.csv"),
                "model,prompt,score\na,\"" + messages.replace("\"", "\"\"") + "\",1\n"),
            write(
                folder.resolve("python.csv"),
                "model,prompt,score\na,\"[{'role': 'user', 'content': 'one'}]\",1\n"),
            write(
                folder.resolve("none.csv"),
                "model,prompt,score\na,\"[{'role': 'system', 'content': None, 'tools': ()}, {'role': 'user', 'content': [{'type': 'text', 'text': 'one'}]}]\",1\n"),
            write(
                folder.resolve("numpy.csv"),
                "model,prompt,score\na,\"array([{'role': 'user', 'content': 'one'}\n {'role': 'user', 'content': None}], dtype=object)\",1\n"),
            write(
                folder.resolve("t.jsonl"),
                "{\"model\":\"a\",\"score\":1,\"prompt\":" + messages + "}\n"),
            parquet(
                "y/t.parquet",
                "SELECT 'a' AS model, 1 AS score, [{'role': 'user', 'content': 'one'}] AS prompt"));

    for (Path file : files) {
      assertThat(score(read(file), "a", "one")).as("%s", file).isEqualTo(1);
    }
  }

  @Test
  void header_thatDoesNotFit_isAnsweredWithTheCommandThatReadsIt() {
    Path file = write(folder.resolve("t.csv"), "id,llm,input,is_correct\nq,a,one,1\n");

    assertThatThrownBy(() -> read(file))
        .hasMessageStartingWith(file + ":1: needs a column with the question's text")
        .hasMessageContaining("found columns id, llm, input, is_correct")
        .hasMessageContaining("model=llm")
        .hasMessageEndingWith(
            "embedllm import "
                + file
                + " --column id=id --column question=input --column score=is_correct --to DATASET");

    Dataset dataset =
        read(
            columns(
                Map.of(
                    ColumnRole.ID,
                    "id",
                    ColumnRole.QUESTION,
                    "input",
                    ColumnRole.SCORE,
                    "is_correct")),
            file);
    assertThat(score(dataset, "a", "one")).isEqualTo(1);
    assertThat(dataset.data().matrix().questions().getFirst().id()).isEqualTo("q");
  }

  @Test
  void column_thatNoTableHas_isRefused() {
    Path file = write(folder.resolve("t.csv"), "model,prompt,score\na,one,1\n");

    assertThatThrownBy(() -> read(columns(Map.of(ColumnRole.COST, "price")), file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--column cost=price")
        .hasMessageContaining("model, prompt, score");
  }

  @Test
  void column_thatNoTableHas_isAnsweredWithTheNearestAndTheCommand() {
    Path file = write(folder.resolve("t.csv"), "model,prompt,points,language\na,one,7,en\n");
    ImportOptions asked =
        ImportOptions.DEFAULT
            .withTable(
                new TableOptions(
                    Map.of(ColumnRole.SCORE, "points", ColumnRole.COST, "pirce"),
                    List.of(),
                    ScoreScale.parse("0..10")))
            .withAttributes(Map.of("lang", "languge"));

    assertThatThrownBy(() -> read(asked, file))
        .hasMessageContaining("no table has the column of --column cost=pirce")
        .hasMessageEndingWith(
            "embedllm import "
                + file
                + " --column score=points --scale 0..10 --attribute lang=language --to DATASET");
    assertThatThrownBy(() ->
            read(
                ImportOptions.DEFAULT.withAttributes(Map.of("languge", "languge")),
                write(folder.resolve("s.csv"), "model,prompt,score,language\na,one,1,en\n")))
        .hasMessageContaining("the nearest is language");
  }

  @Test
  void column_thatIsNamedAndAbsent_isNotOfferedAgain() {
    Path file = write(folder.resolve("t.csv"), "model,input,score\na,one,1\n");

    assertThatThrownBy(() -> read(columns(Map.of(ColumnRole.QUESTION, "inptu")), file))
        .hasMessageContaining("there is no column inptu for --column question=inptu")
        .hasMessageEndingWith(file + " --column question=input --to DATASET");
  }

  @ParameterizedTest
  @CsvSource({"7,'',0..10", "7,0..5,0..10", "80,'',0..100", "-0.5,'',-1..1"})
  void score_outsideOfItsRange_isAnsweredWithTheRange(String value, String asked, String offered) {
    ScoreScale scale = asked.isEmpty() ? ScoreScale.UNIT : ScoreScale.parse(asked);
    ImportOptions options =
        ImportOptions.DEFAULT.withTable(new TableOptions(Map.of(), List.of(), scale));
    Path file =
        write(folder.resolve("t.csv"), "model,prompt,score\na,one,0\nb,one," + value + "\n");

    assertThatThrownBy(() -> read(options, file))
        .hasMessageEndingWith("give the range of the scores: --scale " + offered);
  }

  @Test
  void file_withTheNameOfAnotherFormat_isNamed() throws Exception {
    Path parquet = parquet("z/t.parquet", "SELECT 'a' AS model, 'one' AS prompt, 1 AS score");
    Path packed = folder.resolve("t.parquet.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      Files.copy(parquet, out);
    }
    Path text = write(folder.resolve("u.parquet"), "model,prompt,score\na,one,1\n");
    Path lines =
        write(folder.resolve("v.csv"), "{\"model\":\"a\",\"prompt\":\"one\",\"score\":1}\n");

    assertThatThrownBy(() -> read(packed))
        .hasMessageContaining("gzipped Parquet")
        .hasMessageContaining("gunzip");
    assertThatThrownBy(() -> read(text)).hasMessageContaining("--format csv");
    assertThatThrownBy(() -> read(lines)).hasMessageContaining("--format jsonl");
    assertThat(score(read(ImportOptions.DEFAULT.withFormat("csv"), text), "a", "one")).isEqualTo(1);
    assertThat(score(read(ImportOptions.DEFAULT.withFormat("jsonl"), lines), "a", "one"))
        .isEqualTo(1);
  }

  @Test
  void wideTable_hasAModelInEachMatchingColumn() {
    Path file =
        write(
            folder.resolve("t.csv"),
            "prompt,gpt-4,gpt-4_cost,gpt-5,claude-x,note\none,1,0.5,0,NA,z\ntwo,0,,1,1,z\n");
    ImportOptions options =
        ImportOptions.DEFAULT.withTable(
            new TableOptions(Map.of(), List.of("gpt-*", "claude-x"), ScoreScale.UNIT));

    EvaluationData data = read(options, file).data();

    assertThat(data.matrix().models()).containsExactly("gpt-4", "gpt-5", "claude-x");
    assertThat(data.matrix().cellCount()).isEqualTo(5);
    assertThat(data.matrix().score(0, 0)).isEqualTo(1);
    assertThat(data.matrix().score(2, 0)).isNaN();
    assertThat(data.measures().known(Measure.COST)).isEqualTo(1);
    assertThat(data.measures().value(Measure.COST, 0)).isEqualTo(0.5);
  }

  @Test
  void wideTable_withCostsNamedAfterModels_isRecognised() {
    Path file =
        write(
            folder.resolve("t.csv"),
            "sample_id,prompt,category,org/m,n,org/m|total_cost,n|total_cost\ns,one,e,1,0.25,0.1,0.2\n");

    EvaluationData data = read(file).data();

    assertThat(data.matrix().models()).containsExactly("org/m", "n");
    assertThat(data.matrix().questions().getFirst()).isEqualTo(new Question("s", "one", "e"));
    assertThat(data.matrix().score(1, 0)).isEqualTo(0.25f);
    assertThat(data.callCosts()).containsEntry("n", 0.2);
  }

  @Test
  void usageOfAnswers_isKeptByCell() {
    Path file =
        write(
            folder.resolve("t.csv"),
            """
            model,prompt,score,input-tokens,output_tokens,cost,latency,weight
            a,one,1,10,20,0.001,1.5,3
            b,one,0,11,,,NA,1
            """);

    EvaluationData data = read(file).data();

    assertThat(data.measures().ofCell(0))
        .isEqualTo(
            Map.of(
                Measure.INPUT_TOKENS, 10.0,
                Measure.OUTPUT_TOKENS, 20.0,
                Measure.COST, 0.001,
                Measure.SECONDS, 1.5,
                Measure.REPEATS, 3.0));
    assertThat(data.measures().value(Measure.INPUT_TOKENS, 1)).isEqualTo(11);
    assertThat(data.measures().value(Measure.COST, 1)).isNaN();
    assertThat(data.measures().value(Measure.REPEATS, 1)).isEqualTo(1);
  }

  @Test
  void repeats_areCountedAndWeighTheMean() {
    Path file =
        write(
            folder.resolve("t.csv"),
            "model,prompt,score,samples\na,one,1,3\na,one,0,1\nb,one,1,1\n");

    EvaluationData data = read(file).data();

    assertThat(data.matrix().score(0, 0)).isEqualTo(0.75f);
    assertThat(data.measures().value(Measure.REPEATS, 0)).isEqualTo(4);
  }

  @Test
  void repeats_keepHowFarTheyAreApart() {
    Path file =
        write(
            folder.resolve("t.csv"),
            """
            model,prompt,score,weight,score_variance
            a,one,1,,
            a,one,0.5,,
            a,one,0,,
            b,one,0.5,2,0.5
            c,one,0.5,2,0.5
            c,one,1,,
            d,one,0.5,2,
            d,one,1,,
            e,one,1,,0.3
            """);

    CorrectnessMatrix matrix = read(file).data().matrix();

    assertThat(matrix.variance(0, 0)).isEqualTo(0.25f);
    assertThat(matrix.variance(1, 0)).isEqualTo(0.5f);
    assertThat(matrix.variance(2, 0)).isCloseTo(1 / 3f, within(1e-6f)); // of 0, 1, 1
    assertThat(matrix.variance(3, 0)).isNaN();
    assertThat(matrix.variance(4, 0)).isNaN();
    assertThat(matrix.selectQuestions(new int[] {0}).withModels(List.of("b", "x")).variance(0, 0))
        .isEqualTo(0.5f);
  }

  @Test
  void repeats_ofTwoSources_areThoseOfTheOneThatSays() {
    Path means = write(folder.resolve("means.csv"), "model,prompt,score,weight\na,one,0.5,2\n");
    Path samples = write(folder.resolve("samples.csv"), "model,prompt,score\na,one,1\na,one,0\n");

    EvaluationData data = read(means, samples).data();

    assertThat(data.matrix().repeats(0, 0)).isEqualTo(2);
    assertThat(data.matrix().variance(0, 0)).isEqualTo(0.5f);
  }

  @Test
  void repeats_withoutAScore_doNotCount() {
    Path file =
        write(
            folder.resolve("t.csv"),
            "model,prompt,score,tokens,output_tokens\na,one,1,3,3\na,one,,5,5\na,one,0,1,1\n");

    CorrectnessMatrix matrix = read(file).data().matrix();

    assertThat(matrix.repeats(0, 0)).isEqualTo(2);
    assertThat(matrix.variance(0, 0)).isEqualTo(0.5f);
  }

  @Test
  void repeats_withoutAScoreButWithAWeight_doNotCountBesideAScore() {
    Path file =
        write(
            folder.resolve("t.csv"),
            """
            model,prompt,score,weight,score_variance,output_tokens
            m,q,,3,,10
            m,q,.8,2,.1,10
            m,r,.5,2,.2,10
            m,r,,3,,10
            n,q,,3,,10
            """);

    EvaluationData data = read(file).data();

    assertThat(data.matrix().repeats(0, 0)).isEqualTo(2);
    assertThat(data.matrix().variance(0, 0)).isEqualTo(0.1f);
    assertThat(data.matrix().repeats(0, 1)).isEqualTo(2);
    assertThat(data.matrix().variance(0, 1)).isEqualTo(0.2f);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "score,score_variance\na,one,1,12.3\n",
        "score,weight,score_variance\na,one,1,1.5,x\n"
      })
  void scoreVariance_ofLessThanTwoAnswers_isNotRead(String rest) {
    EvaluationData data = read(write(folder.resolve("t.csv"), "model,prompt," + rest)).data();

    assertThat(data.matrix().score(0, 0)).isEqualTo(1);
    assertThat(data.measures().has(Measure.SCORE_VARIANCE)).isFalse();
  }

  @Test
  void scoreVariance_beyondWhatScoresCanHave_isRefused() {
    Path file =
        write(folder.resolve("t.csv"), "model,prompt,score,weight,score_variance\na,one,1,2,0.6\n");

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("score-variance must be at most 0.5");
  }

  @Test
  void sources_withIdsAlone_joinThoseWithTextsAndScores() {
    Path lengths =
        write(
            folder.resolve("lengths.csv"),
            "prompt_id,model_name,output_chars\n1,a,400\n2,a,8\n9,a,8\n1,other,4\n");
    Path key = write(folder.resolve("key.csv"), "prompt_id,answer\n1,B\n2,C\n");
    Path train =
        write(
            folder.resolve("train.csv"),
            "prompt_id,prompt,model_name,label\n1,one,a,1\n1,one,b,0\n2,two,a,0\n");

    Dataset dataset = read(lengths, train, key);

    EvaluationData data = dataset.data();
    assertThat(data.matrix().models()).containsExactly("a", "b");
    assertThat(data.matrix().questions()).extracting(Question::id).containsExactly("1", "2");
    assertThat(data.measures().value(Measure.OUTPUT_TOKENS, 0)).isEqualTo(100);
    assertThat(data.measures().value(Measure.OUTPUT_TOKENS, 1)).isNaN();
    assertThat(data.split().part(0)).isEqualTo(SplitPart.TRAIN);
    assertThat(dataset.references()).containsEntry("2", new Reference("C", List.of()));
    assertThat(dataset.report().conflicts()).isZero();
    assertThatThrownBy(() -> read(lengths))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("no answers in")
        .hasMessageContaining("--column");
  }

  @Test
  void attributes_ofQuestions_areTextsOrNumbers() {
    Path file =
        write(
            folder.resolve("t.csv"),
            "model,prompt,score,language,n_tools\na,one,1,en,3\nb,one,0,en,3\na,two,1,2nd,NA\n");
    ImportOptions options =
        ImportOptions.DEFAULT.withAttributes(Map.of("language", "language", "tools", "n_tools"));

    List<Question> questions = read(options, file).data().matrix().questions();

    assertThat(questions.get(0).attributes().get("tools")).contains(new AttributeValue.Numeric(3));
    assertThat(questions.get(1).attributes().names()).containsExactly("language");
    assertThat(questions.get(1).attributes().get("language"))
        .contains(new AttributeValue.Text("2nd"));
  }

  @Test
  void attribute_thatDiffersWithinAQuestion_isRefused() {
    Path file = write(folder.resolve("t.csv"), "model,prompt,score,x\na,one,1,p\nb,one,0,q\n");

    assertThatThrownBy(() -> read(ImportOptions.DEFAULT.withAttributes(Map.of("x", "x")), file))
        .hasMessageStartingWith(file + ":3: attribute x of question \"one\"");
  }

  @Test
  void groupAndAttributes_ofTheOrderOfQuestions_areFound() {
    write(
        folder.resolve("d/responses.csv"),
        "prompt_id,prompt,model,score\n1,one,a,1\n2,two,a,0\n3,three,a,1\n");
    write(
        folder.resolve("d/question_order.csv"),
        "prompt_id,prompt,author,level\n3,three,x,7\n2,two,x,8\n1,one,y,9\n");
    ImportOptions options =
        ImportOptions.DEFAULT
            .withAttributes(Map.of("level", "level"))
            .withSplit(SplitOptions.DEFAULT.withGrouping(new Grouping.Column("author")));

    Dataset dataset = read(options, folder.resolve("d"));

    assertThat(dataset.groups()).isEqualTo(Map.of("3", "x", "2", "x", "1", "y"));
    assertThat(dataset.data().split().part(0)).isEqualTo(dataset.data().split().part(1));
    assertThat(dataset.data().matrix().questions().getFirst().attributes().get("level"))
        .contains(new AttributeValue.Numeric(7));
  }

  @Test
  void group_ofNearDuplicates_staysInOnePart() {
    StringBuilder rows = new StringBuilder("model,prompt_id,prompt,score\n");
    for (int j = 0; j < 60; j++) {
      String text =
          "Which of the %d rivers of country %d flows past its oldest harbour into the sea today"
              .formatted(j / 2, j / 2 * 7);
      rows.append("a,").append(j).append(',').append(text).append(j % 2 == 0 ? "" : "!");
      rows.append(",1\n");
    }
    Path file = write(folder.resolve("t.csv"), rows.toString());

    Dataset dataset =
        read(
            ImportOptions.DEFAULT.withSplit(
                SplitOptions.DEFAULT.withGrouping(new Grouping.Similar())),
            file);

    for (int j = 0; j < 60; j += 2) {
      assertThat(dataset.data().split().part(j)).isEqualTo(dataset.data().split().part(j + 1));
    }
    assertThat(dataset.data().split().questions(SplitPart.TEST)).isNotEmpty();
  }

  @Test
  void votes_areKeptAsVotes() {
    Path file =
        write(
            folder.resolve("t.csv"),
            """
            prompt,model_a,model_b,winner,judges
            one,a,b,model_a,2
            one,b,a,tie,1
            two,a,c,2,1
            two,a,b,tie (bothbad),1
            two,b,c,c,3
            """);

    EvaluationData data = read(file).data();

    assertThat(data.matrix().models()).containsExactly("a", "b", "c");
    assertThat(data.matrix().cellCount()).isZero();
    assertThat(data.votes())
        .containsExactly(
            new Vote(0, 0, 1, Vote.Winner.MODEL_A, 2),
            new Vote(0, 1, 0, Vote.Winner.TIE, 1),
            new Vote(1, 0, 2, Vote.Winner.MODEL_B, 1),
            new Vote(1, 0, 1, Vote.Winner.BOTH_BAD, 1),
            new Vote(1, 1, 2, Vote.Winner.MODEL_B, 3));
  }

  @Test
  void contradiction_betweenSources_isCounted() {
    Path one = write(folder.resolve("one.csv"), "model,prompt,label\na,x,1\na,y,1\na,y,0\n");
    Path two = write(folder.resolve("two.csv"), "model,prompt,label\na,x,0\n");

    Dataset dataset = read(one, two);

    assertThat(dataset.report().conflicts()).isEqualTo(2);
    assertThat(dataset.report().contradictions()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "label=0/model_name=FAKE/t.parquet",
        "with [1]/t[a-z]*.parquet",
        "what?/{a,b}.parquet",
        "back\\slash/t.parquet",
        "it's/t.parquet",
      })
  void parquet_underAnyName_isReadAsWhatItIs(String name) throws Exception {
    Path file = parquet(name, "SELECT 'real' AS model_name, 'one' AS prompt, 1 AS label");

    Dataset dataset = read(file);

    assertThat(dataset.data().matrix().models()).containsExactly("real");
    assertThat(score(dataset, "real", "one")).isEqualTo(1);
  }

  @Test
  void parquet_damagedInTheMiddle_isSaidToBeDamaged() throws Exception {
    Path file =
        parquet(
            "t.parquet",
            "SELECT 'm' AS model, md5(i::VARCHAR) AS prompt, 1 AS label FROM range(50000) t(i)");
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, bytes.length / 3, bytes.length / 2, (byte) 0xff);
    Files.write(file, bytes);

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("it is damaged");
  }

  /// A valid file is never called damaged.
  @Test
  void parquet_needsMoreMemoryThanThereIs_saysHowToWriteIt() throws Exception {
    Path file = parquet("t.parquet", "SELECT repeat('x', 100) || i AS a FROM range(50000) t(i)");
    try (Connection duckdb = DuckDb.open(file);
        Statement statement = duckdb.createStatement()) {
      statement.execute("SET memory_limit = '1MB'");
      String rows = "CREATE TEMP TABLE t AS SELECT * FROM " + DuckDb.parquet(file);
      SQLException e = catchThrowableOfType(SQLException.class, () -> statement.execute(rows));

      assertThat(e.getMessage()).contains("Out of Memory");
      assertThat(DuckDb.unreadable(file, "t", e))
          .hasMessageContaining("row_group_size=10_000")
          .hasMessageNotContaining("damaged");
    }
  }

  @Test
  void votes_whoseColumnsDoNotFit_areNamedWithTheCommandThatReadsThem() {
    Path file =
        write(
            folder.resolve("pairs.csv"),
            """
            turn,model_a,model_b,preference,chat
            1,x,y,model_b,"[{""role"":""user"",""content"":""What is a knot?""},{""role"":""assistant"",""content"":""A bend""}]"
            1,y,x,tie,"[{""role"":""user"",""content"":""What is a sail?""},{""role"":""assistant"",""content"":""A cloth""}]"
            """);

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("it looks like votes")
        .hasMessageEndingWith(
            "embedllm import %s --column question=chat --column winner=preference --to DATASET"
                .formatted(file));
    Dataset dataset =
        read(columns(Map.of(ColumnRole.QUESTION, "chat", ColumnRole.WINNER, "preference")), file);
    assertThat(dataset.data().votes()).hasSize(2);
    assertThat(dataset.data().matrix().questions().getFirst().text()).isEqualTo("What is a knot?");
  }

  @Test
  void cells_thatHoldObjects_haveFields() {
    String rows =
        """
        m,input,evaluation
        x,One?,"{""score"":0.5,""usage"":{""out"":7},""tools"":[1,2]}"
        y,One?,"{""score"":1}"
        z,One?,
        """;
    Path file = write(folder.resolve("cells.csv"), rows);
    ImportOptions options =
        columns(
            Map.of(
                ColumnRole.MODEL, "m",
                ColumnRole.QUESTION, "input",
                ColumnRole.SCORE, "evaluation.score",
                ColumnRole.OUTPUT_TOKENS, "evaluation.usage.out"));

    Dataset dataset = read(options, file);

    assertThat(score(dataset, "x", "One?")).isEqualTo(0.5f);
    assertThat(score(dataset, "y", "One?")).isEqualTo(1f);
    assertThat(dataset.report().unobservedRows()).isEqualTo(1);
    assertThat(dataset.data().measures().known(Measure.OUTPUT_TOKENS)).isEqualTo(1);
    assertThatThrownBy(() -> read(file))
        .hasMessageContaining("evaluation.usage.out")
        .hasMessageContaining("--column score=evaluation.score");
  }
}
