package org.embedllm.app.ask;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.PoolQuestions;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Reference;
import org.embedllm.dataset.Dataset;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.SingleWriter;

/// Asks a model the questions of a pool that say most about it, and adds it to the pool where that
/// is wanted.
final class AskPool {
  private final AskSetup setup;
  private final Path model;
  private final Optional<Path> dataset;
  private final double halfWidth;
  private final Optional<Path> extended;

  /// @param model the pool's file
  /// @param dataset whose questions alone are asked
  /// @param halfWidth of the accuracy's 95 % interval that is enough; 0 for the whole budget
  /// @param extended model file to write with the new model
  AskPool(
      AskSetup setup,
      Path model,
      Optional<Path> dataset,
      double halfWidth,
      Optional<Path> extended) {
    this.setup = setup;
    this.model = model;
    this.dataset = dataset;
    this.halfWidth = halfWidth;
    this.extended = extended;
  }

  void run() throws IOException, InterruptedException {
    if (extended.isPresent()) {
      try (SingleWriter _ = ModelArtifact.reserve(extended.get(), true)) {
        ask();
      }
    } else {
      ask();
    }
  }

  private void ask() throws IOException, InterruptedException {
    ChatEndpoint endpoint = setup.upstream().endpoint();
    ModelInput input = ModelInput.open(model);
    if (extended.isPresent()) {
      requireNew(input, endpoint.model());
    }
    TrainingQuestions training =
        PoolQuestions.of(input, dataset, setup.console())
            .orElseThrow(() -> BadInputException.of(PoolQuestions.absent(input)));
    ModelAddition addition = new ModelAddition(input.artifact(), training);
    Optional<Dataset> source = dataset.map(DatasetLoader::load);
    Map<String, Reference> references = references(addition, training, source);
    SpendLimit limit = setup.upstream().limit(endpoint.price().isPresent());
    AskSummary summary;
    try (ScoringFlags.Chosen chosen = setup.scoring().choose(false, setup.upstream());
        ChatClient client = new ChatClient(endpoint, setup.upstream().maxTokens());
        AnswersFile file = setup.answers(setup.target(), chosen, limit);
        AskRun run =
            new AskRun(client, chosen.scoring(), file, limit, setup.scoring().instruction());
        Progress progress =
            setup.console().progress("ask", setup.wanted(Integer.MAX_VALUE), "questions")) {
      var planned = new PlannedQuestions(addition, training, references, chosen.scoring());
      boolean[] allowed = planned.allowed(source.map(d -> d.data().matrix().questions()));
      summary =
          planned.ask(
              run,
              endpoint.model(),
              file.earlier(endpoint.model()),
              allowed,
              new PlannedQuestions.Goal(setup.wanted(Integer.MAX_VALUE), halfWidth),
              limit,
              chosen.agreement(),
              progress);
    }
    Json json = summary.json();
    setup.text().print(summary);
    setup
        .console()
        .line("accuracy over the questions the pool was trained on; wrote %s", setup.target());
    if (extended.isPresent()) {
      add(addition, summary, extended.get());
      json.put("added", extended.get().toString());
    }
    setup.console().json(json.document());
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
      throw BadInputException.of(
          "no answer could be scored, so nothing was added: see " + setup.target());
    }
    Dataset answers = DatasetLoader.loadByIds(setup.target());
    var matrix = answers.data().matrix();
    int row = matrix.models().indexOf(summary.model());
    addition.with(List.of(addition.place(matrix, row, Optional.empty()))).write(file, true);
    setup.console().line("added %s; wrote %s", summary.model(), file);
  }
}
