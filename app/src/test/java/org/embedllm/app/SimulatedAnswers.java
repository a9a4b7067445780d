package org.embedllm.app;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/// A small simulated data set in the public layout: questions in three clearly different languages,
/// one model that is good at each, one that is good at nothing, and a twin of the first.
public final class SimulatedAnswers {
  public static final List<String> MODELS =
      List.of("lab/adder", "lab/adder-twin", "lab/traveller", "lab/chemist", "lab/guesser");
  public static final List<String> BENCHMARKS = List.of("arithmetic", "chemistry", "geography");

  private SimulatedAnswers() {}

  /// Writes `train.csv`, `val.csv` and `test.csv`.
  ///
  /// @param flipTest whether every test label is turned round
  public static Path write(Path folder, boolean flipTest) throws IOException {
    Files.createDirectories(folder);
    int id = part(folder.resolve("train.csv"), 0, 90, false);
    id = part(folder.resolve("val.csv"), id, 24, false);
    part(folder.resolve("test.csv"), id, 36, flipTest);
    return folder;
  }

  private static int part(Path file, int first, int count, boolean flip) throws IOException {
    try (CsvWriter csv = CsvWriter.builder().build(file)) {
      csv.writeRecord(
          "prompt_id", "model_id", "category_id", "label", "prompt", "model_name", "category");
      for (int j = first; j < first + count; j++) {
        String benchmark = BENCHMARKS.get(j % 3);
        for (int i = 0; i < MODELS.size(); i++) {
          if (observed(i, j)) {
            csv.writeRecord(
                Integer.toString(j),
                Integer.toString(i),
                Integer.toString(j % 3),
                right(i, j) != flip ? "1" : "0",
                text(j),
                MODELS.get(i),
                benchmark);
          }
        }
      }
    }
    return first + count;
  }

  /// The chemist leaves out every tenth question.
  static boolean observed(int model, int question) {
    return model != 3 || question % 10 != 7;
  }

  static boolean right(int model, int question) {
    double skill =
        switch (model) {
          case 0, 1 -> question % 3 == 0 ? 0.95 : 0.2;
          case 2 -> question % 3 == 2 ? 0.95 : 0.25;
          case 3 -> question % 3 == 1 ? 0.95 : 0.3;
          default -> 0.3;
        };
    int luck = model == 1 ? 0 : model; // the twin has the same luck
    return new Random(1_000L * question + luck + 17).nextDouble() < skill;
  }

  static String text(int question) {
    return switch (question % 3) {
      case 0 -> "Compute the sum %d + %d × %d.".formatted(question, question + 3, question % 7);
      case 1 ->
          "How many electrons does an atom of the chemical element number %d have in its shell?"
              .formatted(question);
      default ->
          "Which river flows past the capital of the %dth country on the map of Africa?"
              .formatted(question);
    };
  }
}
