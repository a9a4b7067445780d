package org.embedllm.app.quickstart;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.embedllm.storage.AtomicFile;

/// The sample on disk: `responses.csv` in the public layout, `prices.csv`, and a `README.md` that
/// says that all of it is simulated.
///
/// @param questions number of questions
/// @param models number of models
/// @param answers number of observed answers
public record SampleFiles(int questions, int models, int answers) {
  public static final String RESPONSES = "responses.csv";
  public static final String PRICES = "prices.csv";

  /// Writes the sample; the same seed gives the same bytes.
  public static SampleFiles write(Path folder, int perSkill, long seed) throws IOException {
    List<SampleQuestion> questions = SampleQuestions.generate(perSkill, seed);
    List<SimulatedModel> models = SimulatedPool.generate(seed + 1);
    List<SimulatedModel> priced = SimulatedAnswers.withReplica(models);
    int[] answers = {0};
    writeCsv(
        folder.resolve(RESPONSES),
        csv -> {
          csv.writeRecord("prompt_id", "model_name", "category", "label", "cost", "prompt");
          SimulatedAnswers.generate(
              questions,
              models,
              seed + 2,
              answer -> {
                answers[0]++;
                csv.writeRecord(
                    answer.question().id(),
                    answer.model().name(),
                    answer.question().skill(),
                    answer.correct() ? "1" : "0",
                    cost(answer.model().callCost(answer.question().text())),
                    answer.question().text());
              });
        });
    writeCsv(
        folder.resolve(PRICES),
        csv -> {
          csv.writeRecord("model", "input", "output", "call");
          for (SimulatedModel model : priced) {
            csv.writeRecord(
                model.name(), amount(model.inputPrice()), amount(model.outputPrice()), "0");
          }
        });
    byte[] readme = SampleResources.text("sample-readme.md").getBytes(StandardCharsets.UTF_8);
    AtomicFile.writeStream(folder.resolve("README.md"), out -> out.write(readme));
    return new SampleFiles(questions.size(), priced.size(), answers[0]);
  }

  private static String cost(double dollars) {
    return String.format(Locale.ROOT, "%.7f", dollars);
  }

  private static String amount(double price) {
    return String.format(Locale.ROOT, "%.2f", price);
  }

  private interface Rows {
    void writeTo(CsvWriter csv) throws IOException;
  }

  private static void writeCsv(Path file, Rows rows) throws IOException {
    AtomicFile.writeStream(
        file,
        stream -> {
          CsvWriter csv =
              CsvWriter.builder().build(new OutputStreamWriter(stream, StandardCharsets.UTF_8));
          rows.writeTo(csv);
          csv.flush();
        });
  }
}
