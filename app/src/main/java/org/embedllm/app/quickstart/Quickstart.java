package org.embedllm.app.quickstart;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.embedllm.app.cli.Console;
import org.embedllm.app.quickstart.CommandSession.StepFailed;
import org.embedllm.artifact.ModelArtifact;
import tools.jackson.databind.JsonNode;

/// The steps of the quickstart, in one folder.
public final class Quickstart {
  private static final int QUESTIONS_PER_SKILL = 240;
  private static final long SEED = 2025;
  private static final String COMPARED = "sim-oak-70b";
  private static final String TARGET = "0.75";

  /// Prompts that no grammar of the sample can write.
  private static final List<String> PROMPTS =
      List.of(
          "A bakery bakes 36 loaves in 45 minutes. How many in three hours?",
          "Translate into Italian, politely: \"The shop will be closed on Monday.\"",
          "What is f(10)? def f(n): return n if n < 2 else f(n // 2) + 1");

  private final Path folder;
  private final CommandSession session;
  private final Console console;

  public Quickstart(Path folder, CommandSession session, Console console) {
    this.folder = folder;
    this.session = session;
    this.console = console;
  }

  /// The results of the steps, for the report.
  ///
  /// @param sample what was simulated
  /// @param model the model file
  /// @param artifact its contents
  /// @param evaluation `evaluate --json`
  /// @param routes `route --json` of each prompt
  public record Findings(
      SampleFiles sample,
      Path model,
      ModelArtifact artifact,
      JsonNode evaluation,
      List<JsonNode> routes) {
    public Findings {
      routes = List.copyOf(routes);
    }
  }

  public Findings run() throws IOException, StepFailed {
    SampleFiles sample = sample();
    String data = folder.resolve("data").toString();
    Path modelFile = folder.resolve("model.safetensors");
    String model = modelFile.toString();

    heading(2, "Import: answers become a table of models and questions, split by question");
    String responses = folder.resolve("sample").resolve(SampleFiles.RESPONSES).toString();
    session.step("import", responses, "--to", data, "--split", "70/10/20", "--force");
    heading(3, "Encode: every question becomes a vector");
    session.step("encode", data);
    heading(4, "Train: every model becomes a vector, from its right and wrong answers");
    session.step("train", data, "--to", model, "--fresh");
    heading(5, "Evaluate on test questions");
    session.step("evaluate", model, data);
    JsonNode evaluation = session.ask("evaluate", model, data);
    besideNeighbors(evaluation.path("routing"));
    heading(6, "Route three new prompts");
    List<JsonNode> routes = routes(model);
    heading(7, "Which models answer alike?");
    session.step("similar", model, COMPARED, "--limit", "4");
    heading(8, "Report");
    return new Findings(sample, modelFile, ModelArtifact.open(modelFile), evaluation, routes);
  }

  private SampleFiles sample() throws IOException {
    heading(1, "A sample");
    Path sample = folder.resolve("sample");
    SampleFiles written = SampleFiles.write(sample, QUESTIONS_PER_SKILL, SEED);
    console.line(
        "  %,d questions in %d skills, %,d answers of %d models, in %s",
        written.questions(),
        SampleQuestions.SKILLS.size(),
        written.answers(),
        written.models(),
        sample);
    console.line("  All of it is simulated: models (sim-...), questions, answers and prices.");
    return written;
  }

  /// Each prompt goes to the model most likely to be right; the last to the cheapest good enough.
  private List<JsonNode> routes(String model) throws StepFailed {
    String prices = folder.resolve("sample").resolve(SampleFiles.PRICES).toString();
    List<JsonNode> routes = new ArrayList<>();
    for (String prompt : PROMPTS) {
      List<String> command = new ArrayList<>(List.of("route", model, prompt, "--prices", prices));
      if (prompt.equals(PROMPTS.getLast())) {
        command.addAll(List.of("--policy", "cheapest", "--target", TARGET));
      }
      routes.add(session.ask(command.toArray(String[]::new)));
      command.addAll(List.of("--top", "3"));
      session.step(command.toArray(String[]::new));
    }
    return routes;
  }

  /// Says why, where nearest neighbors do as well here.
  private void besideNeighbors(JsonNode routing) {
    double ahead = routing.path("knn").asDouble() - routing.path("router").asDouble();
    if (ahead >= 0) {
      console.line("");
      console.line(
          "  Nearest neighbors route %.1f points better here. The sample's questions come from a few"
              + " templates for each skill, so the nearest question is nearly the same one. Real"
              + " questions are less alike; docs/results.md has both on real data.",
          100 * ahead);
    }
  }

  private void heading(int number, String text) {
    console.line("");
    console.heading("%d  %s", number, text);
  }
}
