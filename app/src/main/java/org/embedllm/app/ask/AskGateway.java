package org.embedllm.app.ask;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.embedllm.app.cli.CommandEntry;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.quickstart.CommandSession;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.SingleWriter;

/// Asks every model of a gateway's configuration the user's own prompts, and makes a data set of
/// the answers, and a model file where that is wanted.
final class AskGateway {
  private final AskSetup setup;
  private final Supplier<List<CommandEntry>> commands;
  private final Path prompts;
  private final Optional<Path> trained;
  private final boolean force;

  /// @param commands among them import and train
  /// @param trained model file to write
  /// @param force whether an existing data set is replaced
  AskGateway(
      AskSetup setup,
      Supplier<List<CommandEntry>> commands,
      Path prompts,
      Optional<Path> trained,
      boolean force) {
    this.setup = setup;
    this.commands = commands;
    this.prompts = prompts;
    this.trained = trained;
    this.force = force;
  }

  void run(Path configuration) throws IOException, InterruptedException {
    requireGateway();
    DatasetDirectory.requireFree(setup.target(), force);
    if (trained.isPresent()) {
      try (SingleWriter _ = ModelArtifact.reserve(trained.get(), true)) {
        ask(configuration);
      }
    } else {
      ask(configuration);
    }
  }

  private void ask(Path configuration) throws IOException, InterruptedException {
    List<ChatEndpoint> endpoints =
        GatewayUpstreams.read(configuration, System.getenv(), setup.upstream());
    boolean priced = endpoints.stream().allMatch(endpoint -> endpoint.price().isPresent());
    SpendLimit limit = setup.upstream().limit(priced);
    Path answers = beside(".answers.jsonl");
    Path votes = beside(".votes.jsonl");
    List<AskSummary> summaries;
    Optional<PairSummary> pairs = Optional.empty();
    try (ScoringFlags.Chosen chosen = setup.scoring().choose(true, setup.upstream())) {
      List<AskedQuestion> questions = setup.questions(prompts, chosen);
      try (AnswersFile file = setup.answers(answers, limit);
          Progress progress =
              setup
                  .console()
                  .progress("ask", (long) questions.size() * endpoints.size(), "answers")) {
        summaries =
            new EveryModel(endpoints, setup.upstream().maxTokens(), setup.scoring().instruction())
                .ask(questions, chosen, file, limit, progress);
      }
      setup.text().print(summaries);
      if (chosen.pairs() > 0) {
        pairs = Optional.of(compared(questions, chosen, answers, votes, limit));
      }
    }
    pairs.ifPresent(found -> found.print(setup.console()));
    boolean scored = summaries.stream().anyMatch(summary -> summary.scored() > 0);
    boolean compared = pairs.isPresent() && pairs.get().agreement().pairs() > 0;
    requireUse(scored || compared, answers);
    List<Path> sources = new ArrayList<>(scored ? List.of(answers) : List.of());
    sources.addAll(compared ? List.of(votes) : List.of());
    imported(sources);
    Files.delete(answers);
    Files.deleteIfExists(votes);
    setup.console().line("wrote %s", setup.target());
    setup.console().json(json(summaries, pairs).document());
  }

  private Path beside(String ending) {
    return setup.target().resolveSibling(setup.target().getFileName() + ending);
  }

  private PairSummary compared(
      List<AskedQuestion> questions,
      ScoringFlags.Chosen chosen,
      Path answers,
      Path votes,
      SpendLimit limit)
      throws IOException, InterruptedException {
    Map<String, List<JudgedPairs.Written>> written = AnswersFile.written(answers);
    try (PairsFile file = PairsFile.open(votes);
        Progress progress =
            setup
                .console()
                .progress("compare", (long) questions.size() * chosen.pairs(), "pairs")) {
      return new JudgedPairs(chosen.judge().orElseThrow(), file, limit)
          .compare(questions, written, chosen.pairs(), setup.upstream().concurrency(), progress);
    }
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

  private static void requireUse(boolean useful, Path answers) {
    if (!useful) {
      throw BadInputException.in(
          answers, "has no answer that could be scored: look at them, or choose another --scorer");
    }
  }

  /// The data set of the answers, and the model trained on it where that is wanted.
  private void imported(List<Path> sources) {
    CommandSession session = new CommandSession(commands.get(), setup.console());
    try {
      List<String> words = new ArrayList<>(List.of("import"));
      sources.forEach(source -> words.add(source.toString()));
      words.addAll(List.of("--to", setup.target().toString(), "--keep-outputs"));
      if (force) {
        words.add("--force");
      }
      session.ask(words.toArray(String[]::new));
      if (trained.isPresent()) {
        session.ask(
            "train", setup.target().toString(), "--to", trained.get().toString(), "--fresh");
        setup.console().line("trained on them; wrote %s", trained.get());
      }
    } catch (CommandSession.StepFailed e) {
      throw BadInputException.in(
          sources.getFirst(), "keeps the answers, of which no data set could be made");
    }
  }

  private Json json(List<AskSummary> summaries, Optional<PairSummary> pairs) {
    double usd = summaries.stream().mapToDouble(AskSummary::usd).sum();
    return new Json()
        .put("asked", summaries.stream().mapToInt(AskSummary::asked).sum())
        .put("answered", summaries.stream().mapToInt(AskSummary::answered).sum())
        .put("scored", summaries.stream().mapToInt(AskSummary::scored).sum())
        .put("usd", Double.isNaN(usd) ? null : usd)
        .put("seconds", summaries.stream().mapToDouble(AskSummary::seconds).max().orElse(0))
        .put("dataset", setup.target().toString())
        .put("model", trained.map(Path::toString).orElse(null))
        .put("pairs", pairs.map(PairSummary::json).map(Json::document).orElse(null))
        .put("models", summaries.stream().map(s -> s.json().document()).toList());
  }
}
