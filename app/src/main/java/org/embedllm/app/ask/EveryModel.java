package org.embedllm.app.ask;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.embedllm.app.cli.Progress;

/// Asks several models the same prompts, all models at once.
final class EveryModel {
  private final List<ChatEndpoint> endpoints;
  private final OptionalInt maxTokens;
  private final Optional<String> instruction;

  EveryModel(List<ChatEndpoint> endpoints, OptionalInt maxTokens, Optional<String> instruction) {
    this.endpoints = endpoints;
    this.maxTokens = maxTokens;
    this.instruction = instruction;
  }

  /// @return in the order of the endpoints
  List<AskSummary> ask(
      List<AskedQuestion> questions,
      ScoringFlags.Chosen chosen,
      AnswersFile file,
      SpendLimit limit,
      Progress progress)
      throws IOException, InterruptedException {
    Sum sum = new Sum(progress);
    OwnPrompts prompts = new OwnPrompts(questions);
    try (ExecutorService models = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<AskSummary>> running = new ArrayList<>();
      for (ChatEndpoint endpoint : endpoints) {
        running.add(
            models.submit(() -> {
              try (ChatClient client = new ChatClient(endpoint, maxTokens);
                  AskRun run = new AskRun(client, chosen.scoring(), file, limit, instruction)) {
                return prompts.ask(
                    run,
                    endpoint.model(),
                    file.earlier(endpoint.model()),
                    limit,
                    chosen.agreement(),
                    sum.of(endpoint.model()));
              }
            }));
      }
      try {
        List<AskSummary> summaries = new ArrayList<>();
        for (Future<AskSummary> each : running) {
          summaries.add(each.get());
        }
        return summaries;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof IOException failed) {
          throw failed;
        }
        if (e.getCause() instanceof RuntimeException failed) {
          throw failed;
        }
        throw new IllegalStateException(e.getCause());
      } finally {
        running.forEach(each -> each.cancel(true));
      }
    }
  }

  /// One progress for all models.
  private static final class Sum {
    private final Progress progress;
    private final Map<String, Long> done = new HashMap<>();

    Sum(Progress progress) {
      this.progress = progress;
    }

    synchronized void advance(String model, long to) {
      done.put(model, to);
      progress.advanceTo(done.values().stream().mapToLong(n -> n).sum());
    }

    Progress of(String model) {
      return new Progress() {
        @Override
        public void advanceTo(long to) {
          advance(model, to);
        }

        @Override
        public void detail(String detail) {
          progress.detail(detail);
        }

        @Override
        public void close() {
          // The whole progress is closed by who opened it.
        }
      };
    }
  }
}
