package org.embedllm.correctness;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;

/// Which model answered which question correctly: an immutable matrix [m models, n questions] of
/// scores in [0, 1] in which a cell may be unobserved. The only carrier of labels.
///
/// A cell that was never observed is not a wrong answer: it reads as NaN, and no method turns it
/// into 0. Cells are stored by question, so all observed answers to a question are contiguous and
/// memory depends on the observed cells (8 bytes each). A score may be the mean of several answers
/// (12 bytes each then, 16 where it is known how far they are apart).
public final class CorrectnessMatrix {
  private final List<String> models;
  private final List<Question> questions;
  private final int[] offsets; // [n + 1], first cell of each question
  private final int[] cellModels; // [cells], ascending within a question
  private final float[] cellScores; // [cells], in [0, 1]
  private final CellRepeats repeats;
  private final Map<String, Integer> modelIndex;

  private CorrectnessMatrix(
      List<String> models,
      List<Question> questions,
      int[] offsets,
      int[] cellModels,
      float[] cellScores,
      CellRepeats repeats) {
    this.repeats = repeats;
    this.models = List.copyOf(models);
    this.questions = List.copyOf(questions);
    this.offsets = offsets;
    this.cellModels = cellModels;
    this.cellScores = cellScores;
    this.modelIndex = indexOf(this.models);
  }

  /// A matrix from cells stored by question.
  ///
  /// @param models names of the m models, distinct
  /// @param questions the n questions, ids distinct
  /// @param offsets [n + 1], `offsets[j]` to `offsets[j + 1]` are the cells of question j
  /// @param cellModels `[cells]`, row of the model, ascending within a question
  /// @param cellScores `[cells]`, in [0, 1]
  /// @throws IllegalArgumentException when an axis has duplicates or a cell is out of range
  public static CorrectnessMatrix ofCells(
      List<String> models,
      List<Question> questions,
      int[] offsets,
      int[] cellModels,
      float[] cellScores) {
    int n = questions.size();
    require(
        offsets.length == n + 1 && offsets[0] == 0,
        "offsets must have one entry more than questions and start at 0");
    require(
        offsets[n] == cellModels.length && cellModels.length == cellScores.length,
        "the last offset, the cell models and the cell scores must have one length");
    for (int j = 0; j < n; j++) {
      require(offsets[j] <= offsets[j + 1], "offsets must not fall");
      for (int c = offsets[j]; c < offsets[j + 1]; c++) {
        int model = cellModels[c];
        require(model >= 0 && model < models.size(), "a cell names model %d", model);
        require(
            c == offsets[j] || cellModels[c - 1] < model,
            "the cells of question %d must name each model once, ascending",
            j);
        require(
            cellScores[c] >= 0f && cellScores[c] <= 1f,
            "a score must be between 0 and 1; got %s",
            cellScores[c]);
      }
    }
    requireDistinctIds(questions);
    return new CorrectnessMatrix(
        models,
        questions,
        offsets.clone(),
        cellModels.clone(),
        cellScores.clone(),
        CellRepeats.ONE_EACH);
  }

  /// A matrix from a dense table in which NaN is an unobserved cell.
  ///
  /// @param scores `[n][m]`: a row for each question, a score in [0, 1] or NaN for each model
  public static CorrectnessMatrix ofDense(
      List<String> models, List<Question> questions, float[][] scores) {
    require(scores.length == questions.size(), "one row of scores for each question");
    int[] offsets = new int[scores.length + 1];
    for (int j = 0; j < scores.length; j++) {
      require(scores[j].length == models.size(), "one score for each model in row %d", j);
      int observed = 0;
      for (float score : scores[j]) {
        observed += Float.isNaN(score) ? 0 : 1;
      }
      offsets[j + 1] = Math.addExact(offsets[j], observed);
    }
    int[] cellModels = new int[offsets[scores.length]];
    float[] cellScores = new float[offsets[scores.length]];
    int cell = 0;
    for (float[] row : scores) {
      for (int i = 0; i < row.length; i++) {
        if (!Float.isNaN(row[i])) {
          cellModels[cell] = i;
          cellScores[cell++] = row[i];
        }
      }
    }
    return ofCells(models, questions, offsets, cellModels, cellScores);
  }

  /// Names of the models, in row order.
  public List<String> models() {
    return models;
  }

  /// The questions, in column order.
  public List<Question> questions() {
    return questions;
  }

  /// m, the number of models.
  public int modelCount() {
    return models.size();
  }

  /// n, the number of questions.
  public int questionCount() {
    return questions.size();
  }

  /// Number of observed cells.
  public int cellCount() {
    return cellModels.length;
  }

  /// Number of observed answers to a question.
  public int cellCount(int question) {
    return offsets[question + 1] - offsets[question];
  }

  /// Row of a model by name.
  public OptionalInt modelIndex(String name) {
    Integer index = modelIndex.get(name);
    return index == null ? OptionalInt.empty() : OptionalInt.of(index);
  }

  /// The score of a model on a question, or NaN where it was never observed.
  public float score(int model, int question) {
    int at = Arrays.binarySearch(cellModels, offsets[question], offsets[question + 1], model);
    return at < 0 ? Float.NaN : cellScores[at];
  }

  /// How many answers the score of a model on a question is the mean of; 0 where it was never
  /// observed.
  public float repeats(int model, int question) {
    int at = Arrays.binarySearch(cellModels, offsets[question], offsets[question + 1], model);
    return at < 0 ? 0 : cellRepeats(at);
  }

  /// The sample variance of the answers of a model to a question; NaN where it is not known.
  public float variance(int model, int question) {
    int at = Arrays.binarySearch(cellModels, offsets[question], offsets[question + 1], model);
    return at < 0 ? Float.NaN : cellVariance(at);
  }

  /// First cell of a question. Cells of question j are `firstCell(j)` to `firstCell(j + 1)`, and
  /// `firstCell(n)` is the number of cells.
  public int firstCell(int question) {
    return offsets[question];
  }

  /// The model of a cell, ascending within a question.
  public int cellModel(int cell) {
    return cellModels[cell];
  }

  /// The score of a cell, in [0, 1].
  public float cellScore(int cell) {
    return cellScores[cell];
  }

  /// Writes the scores of a question's cells to the places of their models.
  ///
  /// @param into where the score of model i is written, at `at + i`; kept where there is no cell
  public void copyScores(int question, float[] into, int at) {
    int first = offsets[question];
    int count = offsets[question + 1] - first;
    if (count == models.size()) {
      System.arraycopy(cellScores, first, into, at, count);
      return;
    }
    for (int c = first; c < first + count; c++) {
      into[at + cellModels[c]] = cellScores[c];
    }
  }

  /// The same matrix, whose scores are means of several answers.
  ///
  /// @param repeats `[cells]`, how many answers each score is the mean of, above 0
  public CorrectnessMatrix withRepeats(float[] repeats) {
    return withRepeats(repeats, CellRepeats.unknown(repeats.length));
  }

  /// The same matrix, whose scores are means of several answers.
  ///
  /// @param counts `[cells]`, how many answers each score is the mean of, above 0
  /// @param variances `[cells]`, the sample variance of these answers' scores; NaN where it is not
  ///   known
  public CorrectnessMatrix withRepeats(float[] counts, float[] variances) {
    require(
        counts.length == cellScores.length && variances.length == cellScores.length,
        "one number of repeats and one variance for each cell");
    return new CorrectnessMatrix(
        models, questions, offsets, cellModels, cellScores, CellRepeats.of(counts, variances));
  }

  /// Whether some score is the mean of several answers.
  public boolean hasRepeats() {
    return repeats.several();
  }

  /// Whether it is known of some cell how far its answers are apart.
  public boolean hasVariances() {
    return repeats.variancesKnown();
  }

  /// How many answers the score of a cell is the mean of.
  public float cellRepeats(int cell) {
    return repeats.count(cell);
  }

  /// The sample variance of the answers that the score of a cell is the mean of; NaN where it is
  /// not known.
  public float cellVariance(int cell) {
    return repeats.variance(cell);
  }

  /// Whether at least one cell in ten is no label: its score is between 0 and 1, or the mean of
  /// several answers.
  public boolean isGraded() {
    int graded = 0;
    for (int c = 0; c < cellScores.length; c++) {
      graded += (cellScores[c] > 0 && cellScores[c] < 1) || cellRepeats(c) > 1 ? 1 : 0;
    }
    return graded > 0 && 10L * graded >= cellScores.length;
  }

  /// Whether a score counts as a right answer: at least one half.
  public static boolean isCorrect(float score) {
    return score >= 0.5f;
  }

  /// The scores of all models on a question.
  ///
  /// @param into `[m]`, overwritten; NaN where unobserved
  public void scores(int question, float[] into) {
    Arrays.fill(into, 0, models.size(), Float.NaN);
    for (int c = offsets[question]; c < offsets[question + 1]; c++) {
      into[cellModels[c]] = cellScores[c];
    }
  }

  /// Names of the benchmarks, sorted; without [Question#NO_BENCHMARK].
  public List<String> benchmarks() {
    TreeSet<String> names = new TreeSet<>();
    for (Question question : questions) {
      if (!question.benchmark().equals(Question.NO_BENCHMARK)) {
        names.add(question.benchmark());
      }
    }
    return List.copyOf(names);
  }

  /// The given questions, in the given order, with all models.
  public CorrectnessMatrix selectQuestions(int[] which) {
    int[] newOffsets = new int[which.length + 1];
    for (int j = 0; j < which.length; j++) {
      newOffsets[j + 1] = Math.addExact(newOffsets[j], cellCount(which[j]));
    }
    int[] newModels = new int[newOffsets[which.length]];
    float[] newScores = new float[newOffsets[which.length]];
    int[] taken = new int[hasRepeats() ? newScores.length : 0]; // old cell of each new one
    for (int j = 0; j < which.length; j++) {
      int from = offsets[which[j]];
      int length = cellCount(which[j]);
      System.arraycopy(cellModels, from, newModels, newOffsets[j], length);
      System.arraycopy(cellScores, from, newScores, newOffsets[j], length);
      for (int c = 0; hasRepeats() && c < length; c++) {
        taken[newOffsets[j] + c] = from + c;
      }
    }
    List<Question> selected = Arrays.stream(which).mapToObj(questions::get).toList();
    requireDistinctIds(selected);
    return new CorrectnessMatrix(
        models, selected, newOffsets, newModels, newScores, repeats.select(taken));
  }

  /// The given models, in the given order, with all questions (also those none of them answered).
  public CorrectnessMatrix selectModels(int[] which) {
    int[] rank = new int[models.size()];
    Arrays.fill(rank, -1);
    for (int i = 0; i < which.length; i++) {
      rank[which[i]] = i;
    }
    int[] row = new int[which.length]; // old cell of each new model, −1 for none
    int[] newOffsets = new int[questions.size() + 1];
    int[] newModels = new int[cellModels.length];
    float[] newScores = new float[cellModels.length];
    int[] taken = new int[hasRepeats() ? cellModels.length : 0]; // old cell of each new one
    int cell = 0;
    for (int j = 0; j < questions.size(); j++) {
      Arrays.fill(row, -1);
      for (int c = offsets[j]; c < offsets[j + 1]; c++) {
        if (rank[cellModels[c]] >= 0) {
          row[rank[cellModels[c]]] = c;
        }
      }
      for (int i = 0; i < row.length; i++) {
        if (row[i] >= 0) {
          newModels[cell] = i;
          if (hasRepeats()) {
            taken[cell] = row[i];
          }
          newScores[cell++] = cellScores[row[i]];
        }
      }
      newOffsets[j + 1] = cell;
    }
    return new CorrectnessMatrix(
        Arrays.stream(which).mapToObj(models::get).toList(),
        questions,
        newOffsets,
        Arrays.copyOf(newModels, cell),
        Arrays.copyOf(newScores, cell),
        repeats.select(Arrays.copyOf(taken, hasRepeats() ? cell : 0)));
  }

  /// The models of the given names, in that order, with all questions. A name that is no model of
  /// this matrix has no observed answers.
  public CorrectnessMatrix withModels(List<String> names) {
    if (names.equals(models)) {
      return this;
    }
    int[] present = new int[names.size()];
    int[] rank = new int[names.size()];
    int count = 0;
    for (int i = 0; i < names.size(); i++) {
      Integer row = modelIndex.get(names.get(i));
      if (row != null) {
        present[count] = row;
        rank[count++] = i;
      }
    }
    CorrectnessMatrix known = selectModels(Arrays.copyOf(present, count));
    int[] ranked = Arrays.stream(known.cellModels).map(model -> rank[model]).toArray();
    return new CorrectnessMatrix(
        names, questions, known.offsets, ranked, known.cellScores, known.repeats);
  }

  @Override
  public String toString() {
    return "CorrectnessMatrix[%d models, %d questions, %d cells]"
        .formatted(models.size(), questions.size(), cellModels.length);
  }

  private static Map<String, Integer> indexOf(List<String> names) {
    Map<String, Integer> index = HashMap.newHashMap(names.size());
    for (int i = 0; i < names.size(); i++) {
      require(index.put(names.get(i), i) == null, "model %s appears twice", names.get(i));
    }
    return Collections.unmodifiableMap(index);
  }

  private static void requireDistinctIds(List<Question> questions) {
    var seen = java.util.HashSet.<String>newHashSet(questions.size());
    for (Question question : questions) {
      require(seen.add(question.id()), "question id %s appears twice", question.id());
    }
  }

  private static void require(boolean condition, String message, Object... arguments) {
    if (!condition) {
      throw new IllegalArgumentException(message.formatted(arguments));
    }
  }
}
