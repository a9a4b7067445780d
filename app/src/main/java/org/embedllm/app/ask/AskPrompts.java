package org.embedllm.app.ask;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.app.cli.Progress;

/// Asks one model the user's own prompts.
final class AskPrompts {
  private final AskSetup setup;
  private final Path prompts;

  AskPrompts(AskSetup setup, Path prompts) {
    this.setup = setup;
    this.prompts = prompts;
  }

  void run() throws IOException, InterruptedException {
    ChatEndpoint endpoint = setup.upstream().endpoint();
    SpendLimit limit = setup.upstream().limit(endpoint.price().isPresent());
    AskSummary summary;
    try (ScoringFlags.Chosen chosen = setup.scoring().choose(false, setup.upstream());
        ChatClient client = new ChatClient(endpoint, setup.upstream().maxTokens());
        AnswersFile file = setup.answers(setup.target(), chosen, limit);
        AskRun run =
            new AskRun(client, chosen.scoring(), file, limit, setup.scoring().instruction())) {
      List<AskedQuestion> questions = setup.questions(prompts, chosen);
      try (Progress progress = setup.console().progress("ask", questions.size(), "prompts")) {
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
    setup.text().print(summary);
    setup.console().line("accuracy on these prompts; wrote %s", setup.target());
    setup.console().json(summary.json().document());
  }
}
