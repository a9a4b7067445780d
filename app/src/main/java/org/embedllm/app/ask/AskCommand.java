package org.embedllm.app.ask;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.embedllm.app.cli.CommandEntry;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.quickstart.CommandSession;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.PoolQuestions;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Reference;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.scoring.JudgeAgreement;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm ask`: asks models questions, and scores their answers.
@Command(
    name = "ask",
    description = {
      "Asks a model the questions whose answers say most about it, and scores them.",
      "With --prompts it asks your own prompts; with --all every model of a gateway."
    },
    footer = {
      "",
      "An interrupted run goes on where it stopped when it is started again.",
      "",
      "Examples:",
      "  embedllm ask pool.safetensors --upstream http://127.0.0.1:8000/v1 \\",
      "    --name llama --budget 100 --to answers.jsonl --add-to pool2.safetensors",
      "  embedllm ask --all gateway.yaml --prompts mine.csv --to data \\",
      "    --train pool.safetensors",
    })
public final class AskCommand implements Callable<Integer> {
  static final int MOST_CONCURRENT = 256;

  private final Supplier<List<CommandEntry>> commands;

  @Mixin private Console console;

  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description = "Model file that train wrote; not needed with --prompts.")
  private @Nullable Path model;

  @Mixin private UpstreamFlags upstream;

  @Option(
      names = "--budget",
      paramLabel = "N",
      description = "Most questions to ask, those of an earlier run included.")
  private @Nullable Integer budget;

  @Option(
      names = "--stop-at",
      paramLabel = "WIDTH",
      description = "Stop when the accuracy is known to plus or minus WIDTH (95 %%), such as 0.03.")
  private double halfWidth;

  @Mixin private ScoringFlags scoring;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "ANSWERS",
      description = "JSON Lines to write, for add and import. With --all the data set to make.")
  private Path target = Path.of("");

  @Option(
      names = "--add-to",
      paramLabel = "MODEL2",
      description = "Then add the model to the pool, as add does, and write this file.")
  private @Nullable Path extended;

  @Option(
      names = "--dataset",
      paramLabel = "DATASET",
      description = "Ask only questions of this data set, and take right answers from it.")
  private @Nullable Path dataset;

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description =
          "Ask these: one a line, JSON Lines, or CSV with prompt, reference, options, category.")
  private @Nullable Path prompts;

  @Option(
      names = "--all",
      paramLabel = "CONFIG",
      description = "Ask every model of a gateway configuration the prompts.")
  private @Nullable Path all;

  @Option(
      names = "--train",
      paramLabel = "MODEL",
      description = "After --all, train on the data set, and write this model file.")
  private @Nullable Path trained;

  @Option(names = "--force", description = "Replace an existing data set at --to.")
  private boolean force;

  /// @param commands among them import and train
  public AskCommand(Supplier<List<CommandEntry>> commands) {
    this.commands = commands;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    requireSense();
    if (all != null) {
      askAll(all);
    } else if (prompts != null) {
      askPrompts();
    } else {
      askPlanned();
    }
    return ExitStatus.DONE;
  }

  private void requireSense() {
    if (all != null && prompts == null) {
      throw BadInputException.of("--all needs the prompts to ask: --prompts FILE");
    }
    if (all == null && trained != null) {
      throw BadInputException.of("--train follows --all: it needs the answers of several models");
    }
    if (prompts != null && (extended != null || halfWidth != 0)) {
      throw BadInputException.of(
          "--add-to and --stop-at are for a pool's own questions: leave out --prompts");
    }
    if (prompts == null && model == null) {
      throw BadInputException.of(
          "MODEL is missing: embedllm ask MODEL --upstream URL --name NAME --budget N --to FILE;"
              + " or ask your own prompts with --prompts FILE");
    }
    if (prompts == null && budget == null) {
      throw BadInputException.of("--budget is missing: how many questions to ask at most");
    }
    if (budget != null && budget < 1) {
      throw BadInputException.of("--budget must be at least 1; got " + budget);
    }
    if (!(halfWidth >= 0 && halfWidth < 1)) {
      throw BadInputException.of("--stop-at must be from 0 to 1, such as 0.03; got " + halfWidth);
    }
  }

  // ---- a pool's own questions

  private void askPlanned() throws IOException, InterruptedException {
    ChatEndpoint endpoint = upstream.endpoint();
    ModelInput input = ModelInput.open(java.util.Objects.requireNonNull(model));
    if (extended != null) {
      AtomicFile.requirePlace(extended);
      requireNew(input, endpoint.model());
    }
    TrainingQuestions training =
        PoolQuestions.of(input, Optional.ofNullable(dataset), console)
            .orElseThrow(() -> BadInputException.of(PoolQuestions.absent(input)));
    ModelAddition addition = new ModelAddition(input.artifact(), training);
    Optional<Dataset> source = Optional.ofNullable(dataset).map(DatasetLoader::load);
    Map<String, Reference> references = references(addition, training, source);
    SpendLimit limit = upstream.limit(endpoint.price().isPresent());
    AskSummary summary;
    try (ScoringFlags.Chosen chosen = scoring.choose();
        ChatClient client = new ChatClient(endpoint, upstream.maxTokens());
        AnswersFile file = AnswersFile.open(target);
        AskRun run = new AskRun(client, chosen.scoring(), file, limit, scoring.instruction());
        Progress progress = console.progress("ask", wanted(Integer.MAX_VALUE), "questions")) {
      var planned = new PlannedQuestions(addition, training, references, chosen.scoring());
      boolean[] allowed = planned.allowed(source.map(d -> d.data().matrix().questions()));
      summary =
          planned.ask(
              run,
              endpoint.model(),
              file.earlier(endpoint.model()),
              allowed,
              new PlannedQuestions.Goal(wanted(Integer.MAX_VALUE), halfWidth),
              limit,
              chosen.agreement(),
              progress);
    }
    Json json = summary.json();
    print(summary);
    console.line("accuracy over the questions the pool was trained on; wrote %s", target);
    if (extended != null) {
      add(addition, summary, extended);
      json.put("added", extended.toString());
    }
    console.json(json.document());
  }

  private static void requireNew(ModelInput input, String name) {
    if (input.models().contains(name)) {
      throw BadInputException.in(
          input.path(),
          "has a model \"%s\" already: give the new one another name with --as".formatted(name));
    }
  }

  /// Right answers by the training question's id.
  private static Map<String, Reference> references(
      ModelAddition addition, TrainingQuestions training, Optional<Dataset> source) {
    Map<String, Reference> references = new HashMap<>(training.references());
    if (source.isPresent()) {
      for (Question question : source.get().data().matrix().questions()) {
        Reference reference = source.get().references().get(question.id());
        if (reference != null) {
          addition
              .known(question)
              .ifPresent(
                  row -> references.put(training.matrix().questions().get(row).id(), reference));
        }
      }
    }
    return references;
  }

  private void add(ModelAddition addition, AskSummary summary, Path file) throws IOException {
    if (summary.scored() == 0) {
      throw BadInputException.of("no answer could be scored, so nothing was added: see " + target);
    }
    Dataset answers =
        DatasetLoader.load(
            target,
            org.embedllm.source.ImportOptions.DEFAULT.withTextRequired(false),
            org.embedllm.source.file.ImportProgress.NONE);
    var matrix = answers.data().matrix();
    int row = matrix.models().indexOf(summary.model());
    addition.with(List.of(addition.place(matrix, row, Optional.empty()))).write(file, true);
    console.line("added %s; wrote %s", summary.model(), file);
  }

  private int wanted(int most) {
    return budget == null ? most : Math.min(most, budget);
  }

  // ---- the user's own prompts

  private List<AskedQuestion> questions(AnswerScoring chosen) throws IOException {
    Path file = java.util.Objects.requireNonNull(prompts);
    List<AskedQuestion> read = PromptTable.read(file);
    List<AskedQuestion> takes = read.stream().filter(chosen::takes).toList();
    if (takes.isEmpty()) {
      throw BadInputException.in(
          file,
          "has no right answers: add a column reference, or let a judge score with --scorer judge"
              + " --judge URL --judge-name NAME");
    }
    if (takes.size() < read.size()) {
      console.warn(
          "%s: %d of %d prompts have no right answer and are not asked",
          file, read.size() - takes.size(), read.size());
    }
    return takes.subList(0, wanted(takes.size()));
  }

  private void askPrompts() throws IOException, InterruptedException {
    ChatEndpoint endpoint = upstream.endpoint();
    SpendLimit limit = upstream.limit(endpoint.price().isPresent());
    AskSummary summary;
    try (ScoringFlags.Chosen chosen = scoring.choose();
        ChatClient client = new ChatClient(endpoint, upstream.maxTokens());
        AnswersFile file = AnswersFile.open(target);
        AskRun run = new AskRun(client, chosen.scoring(), file, limit, scoring.instruction())) {
      List<AskedQuestion> questions = questions(chosen.scoring());
      try (Progress progress = console.progress("ask", questions.size(), "prompts")) {
        summary =
            new OwnPrompts(questions)
                .ask(
                    run,
                    endpoint.model(),
                    file.earlier(endpoint.model()),
                    limit,
                    chosen.agreement(),
                    progress);
      }
    }
    print(summary);
    console.line("accuracy on these prompts; wrote %s", target);
    console.json(summary.json().document());
  }

  private void askAll(Path configuration) throws IOException, InterruptedException {
    requireGateway();
    DatasetDirectory.requireFree(target, force);
    List<ChatEndpoint> endpoints = GatewayUpstreams.read(configuration, System.getenv());
    boolean priced = endpoints.stream().allMatch(endpoint -> endpoint.price().isPresent());
    SpendLimit limit = upstream.limit(priced);
    Path answers = target.resolveSibling(target.getFileName() + ".answers.jsonl");
    List<AskSummary> summaries;
    try (ScoringFlags.Chosen chosen = scoring.choose();
        AnswersFile file = AnswersFile.open(answers)) {
      List<AskedQuestion> questions = questions(chosen.scoring());
      try (Progress progress =
          console.progress("ask", (long) questions.size() * endpoints.size(), "answers")) {
        summaries =
            new EveryModel(endpoints, upstream.maxTokens(), scoring.instruction())
                .ask(questions, chosen, file, limit, progress);
      }
    }
    print(summaries);
    requireScores(summaries, answers);
    imported(answers);
    Files.delete(answers);
    console.line("wrote %s", target);
    console.json(json(summaries).document());
  }

  private static void requireGateway() {
    try {
      Class.forName("org.embedllm.gateway.config.ConfigReader");
    } catch (ClassNotFoundException | NoClassDefFoundError e) {
      throw BadInputException.of(
          "ask --all needs the gateway, embedllm-gateway.jar with its libraries, which is not on"
              + " the class path: "
              + e.getMessage());
    }
  }

  private static void requireScores(List<AskSummary> summaries, Path answers) {
    if (summaries.stream().allMatch(summary -> summary.scored() == 0)) {
      throw BadInputException.in(
          answers, "has no answer that could be scored: look at them, or choose another --scorer");
    }
  }

  /// The data set of the answers, and the model trained on it where that is wanted.
  private void imported(Path answers) {
    CommandSession session = new CommandSession(commands.get(), console);
    try {
      List<String> words =
          new ArrayList<>(
              List.of("import", answers.toString(), "--to", target.toString(), "--keep-outputs"));
      if (force) {
        words.add("--force");
      }
      session.ask(words.toArray(String[]::new));
      if (trained != null) {
        session.ask("train", target.toString(), "--to", trained.toString(), "--fresh");
        console.line("trained on them; wrote %s", trained);
      }
    } catch (CommandSession.StepFailed e) {
      throw BadInputException.in(answers, "keeps the answers, of which no data set could be made");
    }
  }

  private Json json(List<AskSummary> summaries) {
    double usd = summaries.stream().mapToDouble(AskSummary::usd).sum();
    return new Json()
        .put("asked", summaries.stream().mapToInt(AskSummary::asked).sum())
        .put("answered", summaries.stream().mapToInt(AskSummary::answered).sum())
        .put("scored", summaries.stream().mapToInt(AskSummary::scored).sum())
        .put("usd", Double.isNaN(usd) ? null : usd)
        .put("seconds", summaries.stream().mapToDouble(AskSummary::seconds).max().orElse(0))
        .put("dataset", target.toString())
        .put("model", trained == null ? null : trained.toString())
        .put("models", summaries.stream().map(s -> s.json().document()).toList());
  }

  // ---- what a person reads

  private void print(List<AskSummary> summaries) {
    var table =
        new org.embedllm.app.cli.TextTable("model", "answers", "scored", "accuracy, 95 %", "cost");
    for (AskSummary summary : summaries) {
      table.row(
          summary.model(),
          Integer.toString(summary.answered()),
          Integer.toString(summary.scored()),
          summary.accuracyText(),
          summary.costText());
    }
    table.print(console);
    summaries.getFirst().agreement().ifPresent(this::print);
  }

  private void print(AskSummary summary) {
    console.line(
        "%s: %d questions asked, %d answered, %d scored, %s, %s",
        summary.model(),
        summary.asked(),
        summary.answered(),
        summary.scored(),
        summary.costText(),
        summary.timeText());
    summary.agreement().ifPresent(this::print);
    int unread = summary.answered() - summary.scored();
    if (unread > 0) {
      console.warn(
          "%d answers could not be read and do not count; see output in %s", unread, target);
    }
    console.line("accuracy %s; %s", summary.accuracyText(), summary.ended());
  }

  private void print(JudgeAgreement agreement) {
    if (agreement.answers() == 0) {
      console.warn("no right answer is known: how far the judge can be believed was not measured");
    } else {
      console.line(
          "the judge says the same as the right answers on %d of %d answers (κ %.2f)",
          agreement.same(), agreement.answers(), agreement.kappa());
    }
  }
}
