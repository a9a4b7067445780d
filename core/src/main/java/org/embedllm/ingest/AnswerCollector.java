package org.embedllm.ingest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Measure;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.Reference;
import org.embedllm.correctness.SplitPart;
import org.embedllm.correctness.Vote;
import org.embedllm.dataset.AnswerOutputs;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.ImportReport;
import org.embedllm.quality.NearDuplicates;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.Grouping;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.ModelRun;
import org.embedllm.source.SourceAnswer;
import org.embedllm.source.SourcePart;
import org.embedllm.source.SourceQuestion;
import org.embedllm.source.file.Origin;
import org.embedllm.source.file.TextSpool;
import org.embedllm.storage.BadInputException;

/// Gathers answers from any number of sources: each question's text is kept once, models line up by
/// name, and nothing is kept for a row but its question, its model, its score and its measures.
final class AnswerCollector implements AnswerSink {
  private final ImportOptions options;
  private final QuestionIndex questions = new QuestionIndex();
  private final Map<String, Integer> models = new HashMap<>();
  private final AnswerCells cells = new AnswerCells();
  private final List<Origin> cellOrigins = new ArrayList<>(); // only for ConflictRule.ERROR
  private final BitSet answered = new BitSet(); // models of which some row has, or lacks, a score
  private final BitSet described = new BitSet(); // models of a row that is not about scores
  private final List<Vote> votes = new ArrayList<>();
  private final Map<Integer, Double> callCosts = new HashMap<>();
  private final List<String> questionOrder = new ArrayList<>();
  private final List<String> modelOrder = new ArrayList<>();
  private final Set<ImportReport.SkippedTask> skipped = new LinkedHashSet<>();
  private final Set<ModelRun> runs = new LinkedHashSet<>();
  private final Set<String> warnings = new LinkedHashSet<>();
  private final Set<String> advice = new LinkedHashSet<>();
  private Optional<TextSpool> spool = Optional.empty();
  private long unobservedRows;

  AnswerCollector(ImportOptions options) {
    this.options = options;
  }

  @Override
  public int question(SourceQuestion question, Origin at) {
    return questions.number(question, at);
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
  public void answer(int question, int model, float score, Origin at) {
    answered.set(model);
    if (Float.isNaN(score)) {
      unobservedRows++;
      return;
    }
    requirePlace(at);
    cells.add(question, model, score);
  }

  @Override
  public void answer(int question, int model, SourceAnswer answer, Origin at) {
    boolean kept = options.outputsKept() && !answer.output().isEmpty();
    boolean bare = answer.measures().isEmpty() && !kept;
    boolean scored = !Float.isNaN(answer.score());
    (scored ? answered : described).set(model);
    if (bare && scored) {
      answer(question, model, answer.score(), at);
    }
    if (bare) {
      return;
    }
    requirePlace(at);
    cells.add(question, model, answer, kept ? spool().add(answer.output()) : -1);
  }

  /// The texts of cells.
  ///
  /// @param byCell `[cells]` number of each cell's text, or -1
  private static AnswerOutputs outputs(TextSpool texts, int[] byCell) {
    if (Arrays.stream(byCell).noneMatch(text -> text >= 0)) {
      return AnswerOutputs.NONE;
    }
    return new AnswerOutputs() {
      @Override
      public boolean isEmpty() {
        return false;
      }

      @Override
      public Cursor open() {
        return cell -> byCell[cell] < 0 ? "" : texts.text(byCell[cell]);
      }
    };
  }

  private TextSpool spool() {
    if (spool.isEmpty()) {
      spool = Optional.of(new TextSpool());
    }
    return spool.get();
  }

  private void requirePlace(Origin at) {
    if (cells.count() == Integer.MAX_VALUE - 8) {
      throw at.problem("there are more than 2 billion answers, more than one data set holds");
    }
    if (options.conflicts() == ConflictRule.ERROR) {
      cellOrigins.add(at);
    }
  }

  @Override
  public void vote(
      int question, int modelA, int modelB, Vote.Winner winner, int judges, Origin at) {
    if (modelA == modelB) {
      throw at.problem("a vote compares two different models");
    }
    answered.set(modelA);
    answered.set(modelB);
    votes.add(new Vote(question, modelA, modelB, winner, judges));
  }

  @Override
  public void attribute(int question, String name, String value, Origin at) {
    questions.attribute(question, name, value, at);
  }

  @Override
  public void reference(int question, Reference reference) {
    questions.reference(question, reference);
  }

  @Override
  public void group(int question, String group) {
    questions.group(question, group);
  }

  @Override
  public void cost(int model, double cost) {
    callCosts.put(model, cost);
  }

  @Override
  public void run(ModelRun run) {
    runs.stream()
        .filter(run::isMistakenFor)
        .forEach(other ->
            warn(
                "%s: runs with different arguments count as one model's: %s and %s"
                    .formatted(run.name(), other.arguments(), run.arguments())));
    runs.add(run);
  }

  @Override
  public void skip(String task, String reason) {
    skipped.add(new ImportReport.SkippedTask(task, reason));
  }

  @Override
  public void warn(String warning) {
    warnings.add(warning);
  }

  @Override
  public void advise(String text) {
    advice.add(text);
  }

  /// What follows comes from another source.
  void beginSource() {
    cells.beginSource();
  }

  /// Asks for an order of questions (by id, or by text where they have none).
  void orderQuestions(List<String> keys) {
    questionOrder.addAll(keys);
  }

  /// Takes what an order of questions says about one of them: its group and its attributes.
  ///
  /// @param key the question's id, or its text where it has none
  void describe(String key, Optional<String> group, Map<String, String> attributes, Origin at) {
    for (int question : questions.numbers(key)) {
      group.filter(name -> !name.isEmpty()).ifPresent(name -> group(question, name));
      attributes.forEach((name, value) -> attribute(question, name, value, at));
    }
  }

  /// Asks for an order of models, by name.
  void orderModels(List<String> names) {
    modelOrder.addAll(names);
  }

  /// All collected answers, one by one.
  AnswerLog log(List<SourcePart> sources) {
    requireAnswers(sources);
    int[] asTheyCame = IntStream.range(0, questions.count()).toArray();
    return cells.log(byNumber(models), questions.ordered(asTheyCame, asTheyCame.length));
  }

  private void requireAnswers(List<SourcePart> sources) {
    if (cells.scored() == 0 && votes.isEmpty()) {
      List<String> said = new ArrayList<>();
      if (!sources.isEmpty() || skipped.isEmpty()) {
        said.add(
            "no answers in "
                + String.join(", ", sources.stream().map(SourcePart::file).limit(5).toList())
                + (unobservedRows == 0
                    ? ""
                    : ": none of its %d rows has a score".formatted(unobservedRows)));
      }
      skipped.forEach(task -> said.add(task.task() + ": " + task.reason()));
      said.addAll(warnings);
      said.addAll(advice);
      throw BadInputException.of(String.join("; ", said));
    }
  }

  /// The data set of all collected answers.
  Dataset dataset(List<SourcePart> sources) {
    requireAnswers(sources);
    int[] questionRank = ranks(questions.keys(), questionOrder, withText());
    List<String> names = byNumber(models);
    int[] modelRank = ranks(names, modelOrder, knownModels());
    SettledCells settled = cells.settle(questionRank, modelRank, options.conflicts());
    requireNoConflict(settled);
    int n = (int) Arrays.stream(questionRank).filter(rank -> rank >= 0).count();
    List<Question> ordered = questions.ordered(questionRank, n);
    CorrectnessMatrix matrix =
        CorrectnessMatrix.ofCells(
            permuted(names, modelRank),
            ordered,
            settled.offsets(),
            settled.models(),
            settled.scores());
    List<Optional<SplitPart>> parts = new ArrayList<>();
    IntStream.range(0, n).forEach(j -> parts.add(Optional.empty()));
    Map<String, String> groups = new HashMap<>();
    Map<String, Reference> references = new HashMap<>();
    for (int q = 0; q < questionRank.length; q++) {
      if (questionRank[q] >= 0) {
        String id = ordered.get(questionRank[q]).id();
        parts.set(questionRank[q], questions.part(q));
        questions.group(q).ifPresent(group -> groups.put(id, group));
        questions.reference(q).ifPresent(reference -> references.put(id, reference));
      }
    }
    if (options.split().grouping() instanceof Grouping.Similar) {
      groups.putAll(similar(ordered));
    }
    Splitting splitting = new Splitting(options.split(), parts, groups);
    QuestionSplit split = splitting.split(ordered);
    EvaluationData data =
        EvaluationData.of(
            matrix,
            split,
            callCosts(matrix, settled, names),
            settled.measures(),
            ranked(questionRank, modelRank));
    List<String> said = new ArrayList<>(warnings);
    said.addAll(splitting.warnings(split));
    return new Dataset(
        data,
        groups,
        references,
        spool.map(texts -> outputs(texts, settled.outputs())).orElse(AnswerOutputs.NONE),
        new ImportReport(
            splitting.isBrought(),
            options.conflicts(),
            settled.conflicts(),
            settled.contradictions(),
            unobservedRows,
            Splitting.sharedPrompts(matrix, split),
            sources,
            said,
            List.copyOf(runs),
            List.copyOf(skipped)),
        Optional.empty());
  }

  /// The group of each question that has near-duplicates, by id: the id of the first of them.
  private static Map<String, String> similar(List<Question> questions) {
    int[] first = NearDuplicates.groups(questions);
    Map<String, String> groups = new HashMap<>();
    for (int j = 0; j < first.length; j++) {
      if (first[j] != j) {
        String name = questions.get(first[j]).id();
        groups.put(name, name);
        groups.put(questions.get(j).id(), name);
      }
    }
    return groups;
  }

  /// Questions that are kept: those whose text some source has. Where texts are not required, an id
  /// is enough.
  private BitSet withText() {
    BitSet kept = new BitSet();
    for (int q = 0; q < questions.count(); q++) {
      kept.set(q, questions.hasText(q) || !options.textRequired());
    }
    int without = questions.count() - kept.cardinality();
    if (kept.isEmpty()) {
      throw questions
          .origin(0)
          .problem(
              "no source has the questions' texts; import the table that has them together with this one; "
                  + String.join("; ", advice));
    }
    if (without > 0) {
      warn(
          "%,d questions were left out: no source has their texts (the first is at %s)"
              .formatted(without, questions.origin(kept.nextClearBit(0))));
    }
    return kept;
  }

  /// Models that are kept: not those of which no source that has scores knows.
  private BitSet knownModels() {
    BitSet known = new BitSet();
    known.set(0, models.size());
    known.andNot(described);
    known.or(answered);
    return known;
  }

  private void requireNoConflict(SettledCells settled) {
    if (options.conflicts() == ConflictRule.ERROR && settled.firstConflict() >= 0) {
      throw cellOrigins
          .get(settled.firstConflict())
          .problem(
              "this answer differs from an earlier one of the same model to the same question (%d such %s in all); merge them with --conflicts mean, majority or first"
                  .formatted(settled.conflicts(), settled.conflicts() == 1 ? "pair" : "pairs"));
    }
  }

  private List<Vote> ranked(int[] questionRank, int[] modelRank) {
    return votes.stream()
        .filter(vote -> questionRank[vote.question()] >= 0)
        .map(vote ->
            new Vote(
                questionRank[vote.question()],
                modelRank[vote.modelA()],
                modelRank[vote.modelB()],
                vote.winner(),
                vote.judges()))
        .toList();
  }

  /// The mean cost of each model's cells, or the mean that a source states.
  private Map<String, Double> callCosts(
      CorrectnessMatrix matrix, SettledCells settled, List<String> names) {
    Map<String, Double> means = new HashMap<>();
    callCosts.forEach((model, cost) -> means.put(names.get(model), cost));
    if (settled.measures().has(Measure.COST)) {
      double[] sums = new double[matrix.modelCount()];
      int[] counts = new int[matrix.modelCount()];
      for (int cell = 0; cell < matrix.cellCount(); cell++) {
        double cost = settled.measures().value(Measure.COST, cell);
        if (!Double.isNaN(cost)) {
          sums[matrix.cellModel(cell)] += cost;
          counts[matrix.cellModel(cell)]++;
        }
      }
      for (int i = 0; i < sums.length; i++) {
        if (counts[i] > 0) {
          means.put(matrix.models().get(i), sums[i] / counts[i]);
        }
      }
    }
    return means;
  }

  /// Place of each key that is kept: those in `wanted` first, in its order, then the others as they
  /// came; -1 for the rest. Equal keys keep their order.
  private static int[] ranks(List<String> keys, List<String> wanted, BitSet kept) {
    Map<String, Integer> place = HashMap.newHashMap(wanted.size());
    wanted.forEach(key -> place.putIfAbsent(key, place.size()));
    Integer[] order = kept.stream().boxed().toArray(Integer[]::new);
    Arrays.sort(
        order, Comparator.comparingInt(i -> place.getOrDefault(keys.get(i), Integer.MAX_VALUE)));
    int[] ranks = new int[keys.size()];
    Arrays.fill(ranks, -1);
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
    String[] permuted = new String[(int) Arrays.stream(rank).filter(place -> place >= 0).count()];
    for (int i = 0; i < rank.length; i++) {
      if (rank[i] >= 0) {
        permuted[rank[i]] = names.get(i);
      }
    }
    return Arrays.asList(permuted);
  }
}
