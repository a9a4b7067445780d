package org.embedllm.dataset;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.embedllm.correctness.CellMeasures;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Measure;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Vote;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.Safetensors;

/// The safetensors files of a data set:
///
/// - `responses.safetensors`: `question_offsets` int64 [n + 1], `model_index` int32 `[cells]`,
///   `score` float32 `[cells]`; the cells of question j are `question_offsets[j]` to
///   `question_offsets[j + 1]`,
/// - `usage.safetensors`: for each [Measure] that some cell has, its column, float64 `[cells]`, NaN
///   where not known,
/// - `votes.safetensors`: `question_index`, `model_a`, `model_b`, `judges` int32 `[votes]` and
///   `winner` uint8 `[votes]`: 0 the first model, 1 the second, 2 a tie, 3 both bad.
final class CellFiles {
  private CellFiles() {}

  static void writeResponses(CorrectnessMatrix matrix, Path file) throws IOException {
    int n = matrix.questionCount();
    int cells = matrix.cellCount();
    long[] offsets = new long[n + 1];
    for (int j = 0; j <= n; j++) {
      offsets[j] = matrix.firstCell(j);
    }
    int[] models = new int[cells];
    float[] scores = new float[cells];
    for (int c = 0; c < cells; c++) {
      models[c] = matrix.cellModel(c);
      scores[c] = matrix.cellScore(c);
    }
    new Safetensors.Writer()
        .longs("question_offsets", offsets, n + 1)
        .ints("model_index", models, cells)
        .floats("score", scores, cells)
        .write(file);
  }

  static CorrectnessMatrix readResponses(Path file, List<String> models, List<Question> questions) {
    return checked(
        file,
        tensors -> {
          long[] offsets = tensors.longs("question_offsets");
          int[] narrow = new int[offsets.length];
          for (int j = 0; j < offsets.length; j++) {
            narrow[j] = Math.toIntExact(offsets[j]);
          }
          return CorrectnessMatrix.ofCells(
              models, questions, narrow, tensors.ints("model_index"), tensors.floats("score"));
        });
  }

  static void writeUsage(CellMeasures usage, int cells, Path file) throws IOException {
    Safetensors.Writer writer = new Safetensors.Writer();
    for (Measure measure : usage.measures()) {
      double[] column = new double[cells];
      for (int cell = 0; cell < cells; cell++) {
        column[cell] = usage.value(measure, cell);
      }
      writer.doubles(measure.column(), column, cells);
    }
    writer.write(file);
  }

  static CellMeasures readUsage(Path file) {
    return checked(
        file,
        tensors -> {
          Map<Measure, double[]> columns = new EnumMap<>(Measure.class);
          for (Measure measure : Measure.values()) {
            if (tensors.has(measure.column())) {
              columns.put(measure, tensors.doubles(measure.column()));
            }
          }
          return CellMeasures.of(columns);
        });
  }

  static void writeVotes(List<Vote> votes, Path file) throws IOException {
    int count = votes.size();
    byte[] winners = new byte[count];
    for (int v = 0; v < count; v++) {
      winners[v] = (byte) votes.get(v).winner().code();
    }
    new Safetensors.Writer()
        .ints("question_index", votes.stream().mapToInt(Vote::question).toArray(), count)
        .ints("model_a", votes.stream().mapToInt(Vote::modelA).toArray(), count)
        .ints("model_b", votes.stream().mapToInt(Vote::modelB).toArray(), count)
        .ints("judges", votes.stream().mapToInt(Vote::judges).toArray(), count)
        .bytes("winner", winners, count)
        .write(file);
  }

  static List<Vote> readVotes(Path file) {
    return checked(
        file,
        tensors -> {
          int[] questions = tensors.ints("question_index");
          int[] modelsA = tensors.ints("model_a");
          int[] modelsB = tensors.ints("model_b");
          int[] judges = tensors.ints("judges");
          byte[] winners = tensors.bytes("winner");
          List<Vote> votes = new ArrayList<>(questions.length);
          for (int v = 0; v < questions.length; v++) {
            Vote.Winner winner = Vote.Winner.ofCode(winners[v]);
            votes.add(new Vote(questions[v], modelsA[v], modelsB[v], winner, judges[v]));
          }
          return votes;
        });
  }

  private interface Content<T> {
    T of(Safetensors tensors) throws IOException;
  }

  private static <T> T checked(Path file, Content<T> content) {
    try {
      return content.of(Safetensors.open(file));
    } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
      throw BadInputException.in(file, "does not fit the data set: " + e.getMessage(), e);
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }
}
