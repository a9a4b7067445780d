package org.embedllm.ingest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.Dataset;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourcePart;
import org.embedllm.source.SourceQuestion;
import org.embedllm.source.file.Origin;
import org.embedllm.storage.BadInputException;

/// Collects answers from any number of sources. Each question's text is kept once, models are
/// matched by name, and a row keeps only its question, its model and its score.
final class AnswerCollector implements AnswerSink {
  /// A question as first read.
  private record Entry(
      String key, String text, String benchmark, Optional<SplitPart> part, Origin origin) {}

  private final ImportOptions options;
  private final Map<Optional<SplitPart>, Map<String, Integer>> questionsByPart = new HashMap<>();
  private final List<Entry> questions = new ArrayList<>();
  private final Map<Integer, String> groups = new HashMap<>();
  private final GroupUnion groupUnion = new GroupUnion();
  private final Map<String, Integer> models = new HashMap<>();
  private final AnswerCells cells = new AnswerCells();
  private final List<Origin> cellOrigins = new ArrayList<>(); // only for ConflictRule.ERROR
  private final Map<Integer, double[]> costs = new HashMap<>(); // {sum, calls} by model
  private final List<String> questionOrder = new ArrayList<>();
  private final List<String> modelOrder = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();
  private long unobservedRows;

  AnswerCollector(ImportOptions options) {
    this.options = options;
  }

  @Override
  public int question(SourceQuestion question, Origin at) {
    String text = question.text();
    Optional<SplitPart> part = question.part();
    Map<String, Integer> known = questionsByPart.computeIfAbsent(part, p -> new HashMap<>());
    String key = question.id().orElse(text);
    Integer found = known.get(key);
    if (found != null) {
      requireSameText(questions.get(found), text, at);
      return found;
    }
    for (Map<String, Integer> inPart : questionsByPart.values()) {
      Integer elsewhere = inPart.get(key);
      if (elsewhere != null) {
        requireSameText(questions.get(elsewhere), text, at);
      }
    }
    int number = questions.size();
    questions.add(new Entry(key, text, question.benchmark(), part, at));
    known.put(key, number);
    return number;
  }

  private static void requireSameText(Entry known, String text, Origin at) {
    if (!known.text().equals(text)) {
      throw at.problem(
          "prompt_id \"%s\" has another text here than at %s; an id names one question"
              .formatted(abbreviated(known.key()), known.origin()));
    }
  }

  @Override
  public int model(String name) {
    Integer found = models.get(name);
    if (found != null) {
      return found;
    }
    int number = models.size();
    models.put(name, number);
    return number;
  }

  @Override
  public void group(int question, String group) {
    String before = groups.putIfAbsent(question, group);
    if (before != null && !before.equals(group)) {
      groupUnion.join(before, group);
    }
  }

  @Override
  public void answer(int question, int model, float score, Origin at) {
    if (Float.isNaN(score)) {
      unobservedRows++;
      return;
    }
    if (cells.count() == Integer.MAX_VALUE - 8) {
      throw at.problem("there are more than 2 billion answers, more than one data set holds");
    }
    cells.add(question, model, score);
    if (options.conflicts() == ConflictRule.ERROR) {
      cellOrigins.add(at);
    }
  }

  @Override
  public void cost(int model, double cost) {
    double[] sum = costs.computeIfAbsent(model, m -> new double[2]);
    sum[0] += cost;
    sum[1]++;
  }

  @Override
  public void remark(String remark) {
    if (!remarks.contains(remark)) {
      remarks.add(remark);
    }
  }

  /// Asks for an order of questions (by id, or by text where they have none).
  void orderQuestions(List<String> keys) {
    questionOrder.addAll(keys);
  }

  /// Asks for an order of models, by name.
  void orderModels(List<String> names) {
    modelOrder.addAll(names);
  }

  private void requireAnswers(List<SourcePart> sources) {
    if (cells.count() == 0) {
      throw BadInputException.of(
          "no answers in "
              + String.join(", ", sources.stream().map(SourcePart::file).limit(5).toList())
              + (unobservedRows == 0
                  ? ""
                  : ": none of its %d rows has a score".formatted(unobservedRows))
              + (remarks.isEmpty() ? "" : "; " + String.join("; ", remarks)));
    }
  }

  /// All collected answers, one by one.
  AnswerLog log(List<SourcePart> sources) {
    requireAnswers(sources);
    return cells.log(
        byNumber(models), orderedQuestions(IntStream.range(0, questions.size()).toArray()));
  }

  /// The data set of all collected answers.
  Dataset dataset(List<SourcePart> sources) {
    requireAnswers(sources);
    int[] questionRank = ranks(questions.stream().map(Entry::key).toList(), questionOrder);
    List<String> modelNames = byNumber(models);
    int[] modelRank = ranks(modelNames, modelOrder);
    AnswerCells.Settled settled = cells.settle(questionRank, modelRank, options.conflicts());
    if (options.conflicts() == ConflictRule.ERROR && settled.firstConflict() >= 0) {
      throw cellOrigins
          .get(settled.firstConflict())
          .problem(
              "this answer differs from an earlier one of the same model to the same question (%d such %s in all); merge them with --conflicts mean, majority or first"
                  .formatted(settled.conflicts(), settled.conflicts() == 1 ? "pair" : "pairs"));
    }
    List<Question> ordered = orderedQuestions(questionRank);
    CorrectnessMatrix matrix =
        CorrectnessMatrix.ofCells(
            permuted(modelNames, modelRank),
            ordered,
            settled.offsets(),
            settled.models(),
            settled.scores());
    List<Optional<SplitPart>> parts =
        new ArrayList<>(Collections.nCopies(questions.size(), Optional.empty()));
    Map<String, String> groupById = new HashMap<>();
    for (int q = 0; q < questions.size(); q++) {
      parts.set(questionRank[q], questions.get(q).part());
      String group = groups.get(q);
      if (group != null) {
        groupById.put(ordered.get(questionRank[q]).id(), groupUnion.representative(group));
      }
    }
    Dataset dataset =
        new Splitting(options)
            .dataset(
                matrix,
                parts,
                groupById,
                modelCosts(modelNames),
                settled.conflicts(),
                unobservedRows,
                sources);
    List<String> said = new ArrayList<>(remarks);
    said.addAll(dataset.remarks());
    return dataset.withRemarks(said);
  }

  private List<Question> orderedQuestions(int[] rank) {
    List<Question> ordered = new ArrayList<>(questions.size());
    for (int j = 0; j < questions.size(); j++) {
      ordered.add(new Question("", "", ""));
    }
    HashSet<String> taken = HashSet.newHashSet(questions.size());
    for (int q = 0; q < questions.size(); q++) {
      Entry entry = questions.get(q);
      String id = entry.key();
      // An id in two parts of a supplied split is a question in each of them.
      for (int copy = 2; !taken.add(id); copy++) {
        String part = entry.part().map(SplitPart::label).orElse("");
        id = entry.key() + "#" + part + (copy == 2 ? "" : copy);
      }
      ordered.set(rank[q], new Question(id, entry.text(), entry.benchmark()));
    }
    return ordered;
  }

  private Map<String, Double> modelCosts(List<String> names) {
    Map<String, Double> means = new HashMap<>();
    costs.forEach((model, sum) -> means.put(names.get(model), sum[0] / sum[1]));
    return means;
  }

  /// Position of each key: those in `wanted` first, in its order, then the others in reading order.
  /// Equal keys keep their order.
  private static int[] ranks(List<String> keys, List<String> wanted) {
    Map<String, Integer> place = HashMap.newHashMap(wanted.size());
    wanted.forEach(key -> place.putIfAbsent(key, place.size()));
    Integer[] order = new Integer[keys.size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(
        order,
        java.util.Comparator.comparingInt(i -> place.getOrDefault(keys.get(i), Integer.MAX_VALUE)));
    int[] ranks = new int[keys.size()];
    for (int rank = 0; rank < order.length; rank++) {
      ranks[order[rank]] = rank;
    }
    return ranks;
  }

  private static List<String> byNumber(Map<String, Integer> numbers) {
    String[] names = new String[numbers.size()];
    numbers.forEach((name, number) -> names[number] = name);
    return Arrays.asList(names);
  }

  private static List<String> permuted(List<String> names, int[] rank) {
    String[] permuted = new String[rank.length];
    for (int i = 0; i < rank.length; i++) {
      permuted[rank[i]] = names.get(i);
    }
    return Arrays.asList(permuted);
  }

  private static String abbreviated(String key) {
    return key.length() <= 60 ? key : key.substring(0, 60) + "…";
  }
}
