package org.embedllm.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Which routes failed on which request, for a minute. Safe for use by several threads.
final class FailedRoutes {
  private static final Duration KEPT = Duration.ofMinutes(1);
  private static final int MOST_REQUESTS = 1_000;

  private final InstantSource clock;
  private final Map<List<ChatMessage>, List<Failure>> failures = new LinkedHashMap<>();

  private record Failure(String route, Instant until) {}

  FailedRoutes(InstantSource clock) {
    this.clock = clock;
  }

  synchronized void add(List<ChatMessage> request, String route) {
    failures
        .computeIfAbsent(List.copyOf(request), key -> new ArrayList<>())
        .add(new Failure(route, clock.instant().plus(KEPT)));
    if (failures.size() > MOST_REQUESTS) {
      failures.remove(failures.keySet().iterator().next());
    }
  }

  synchronized Set<String> of(List<ChatMessage> request) {
    Instant now = clock.instant();
    return failures.getOrDefault(request, List.of()).stream()
        .filter(failure -> failure.until().isAfter(now))
        .map(Failure::route)
        .collect(Collectors.toSet());
  }

  synchronized void forget(List<ChatMessage> request) {
    failures.remove(request);
  }
}
