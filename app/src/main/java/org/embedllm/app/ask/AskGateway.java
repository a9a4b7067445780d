package org.embedllm.app.ask;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
  private final Path answers;
  private final Path votes;

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
    this.answers = beside(".answers.jsonl");
    this.votes = beside(".votes.jsonl");
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
    List<AskSummary> summaries;
    Optional<PairSummary> pairs = Optional.empty();
    try (ScoringFlags.Chosen chosen = setup.scoring().choose(true, setup.upstream())) {
      List<AskedQuestion> questions = setup.questions(prompts, chosen);
      if (chosen.pairs() == 0) {
        summaries = answered(endpoints, questions, chosen, limit);
      } else {
        JudgeCalls judge = chosen.judge().orElseThrow();
        // Opened before anything is asked: it may be refused.
        try (PairsFile file = PairsFile.open(votes, judge.name())) {
          JudgedPairs judged = new JudgedPairs(judge, file, limit);
          summaries = answered(endpoints, questions, chosen, limit);
          pairs = Optional.of(compared(judged, questions, chosen.pairs()));
        }
        pairs.get().print(setup.console());
      }
    }
    made(summaries, pairs);
    setup.console().line("wrote %s", setup.target());
    setup.console().json(json(summaries, pairs).document());
  }

  private Path beside(String ending) {
    return setup.target().resolveSibling(setup.target().getFileName() + ending);
  }

  private List<AskSummary> answered(
      List<ChatEndpoint> endpoints,
      List<AskedQuestion> questions,
      ScoringFlags.Chosen chosen,
      SpendLimit limit)
      throws IOException, InterruptedException {
    List<AskSummary> summaries;
    try (AnswersFile file = setup.answers(answers, chosen, limit);
        Progress progress =
            setup
                .console()
                .progress("ask", (long) questions.size() * endpoints.size(), "answers")) {
      summaries =
          new EveryModel(endpoints, setup.upstream().maxTokens(), setup.scoring().instruction())
              .ask(questions, chosen, file, limit, progress);
    }
    setup.text().print(summaries);
    return summaries;
  }

  private PairSummary compared(JudgedPairs judged, List<AskedQuestion> questions, int pairs)
      throws IOException, InterruptedException {
    try (Progress progress =
        setup.console().progress("compare", (long) questions.size() * pairs, "pairs")) {
      return judged.compare(
          questions, AnswersFile.written(answers), pairs, setup.upstream().concurrency(), progress);
    }
  }

  /// Makes the data set, and deletes the files that are in it now.
  private void made(List<AskSummary> summaries, Optional<PairSummary> pairs) throws IOException {
    List<Path> sources = new ArrayList<>();
    if (summaries.stream().anyMatch(summary -> summary.scored() > 0)) {
      sources.add(answers);
    }
    if (pairs.filter(found -> found.agreement().pairs() > 0).isPresent()) {
      sources.add(votes);
    }
    requireUse(sources, pairs);
    imported(sources);
    for (Path source : sources) {
      Files.delete(source);
    }
    if (pairs.isPresent() && sources.contains(answers)) {
      // Verdicts that are no votes are of answers that are asked again.
      Files.deleteIfExists(votes);
    }
    if (!sources.contains(answers)) {
      setup.console().line("kept the answers, none of which has a score, in %s", answers);
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

  private void requireUse(List<Path> sources, Optional<PairSummary> pairs) {
    if (sources.isEmpty() && pairs.filter(found -> found.refused() > 0).isPresent()) {
      throw BadInputException.in(
          answers,
          "keeps the answers; the judge \"%s\" refused %d pairs of them: %s"
              .formatted(
                  setup.scoring().judgeName().orElse(""),
                  pairs.get().refused(),
                  pairs.get().refusal()));
    }
    if (sources.isEmpty() && pairs.filter(found -> found.unread() > 0).isPresent()) {
      throw BadInputException.in(
          votes,
          "has no verdict of the judge \"%s\" that could be read, on %d pairs: delete it and name another with --judge-name"
              .formatted(setup.scoring().judgeName().orElse(""), pairs.get().unread()));
    }
    if (sources.isEmpty() && pairs.isPresent()) {
      throw BadInputException.in(
          answers,
          pairs.get().stopped()
              ? "keeps the answers; --max-usd left no comparison of them: raise it"
              : "has no two answers to a prompt that could be compared: name two models or more");
    }
    if (sources.isEmpty()) {
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
    double usd =
        summaries.stream().mapToDouble(AskSummary::usd).sum()
            + pairs.map(PairSummary::usd).orElse(0.0);
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
