package org.embedllm.app.web;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.embedllm.app.web.view.Requester;
import org.embedllm.gateway.api.GatewayView;
import org.embedllm.gateway.config.KeyConfig;
import org.embedllm.gateway.observe.DecisionRecord;
import org.embedllm.gateway.observe.LiveEvent;
import org.embedllm.gateway.observe.LiveFeed;
import org.embedllm.gateway.observe.LiveJson;
import org.embedllm.gateway.observe.LiveSubscription;
import org.embedllm.gateway.openai.ApiException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The gateway's decisions as they happen, as server-sent events, and a summary of the last of
/// them. A client with a key sees its own decisions; one with an admin key sees all, but only its
/// own prompts.
final class LiveRoutes implements LiveView {
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);
  private static final int MOST_LISTENERS = 64;
  private static final int MOST_MINUTES = 24 * 60;
  private static final String ADMIN_ONLY =
      "Figures about all requests are for an admin key alone. This key sees its own decisions.";

  private final GatewayView gateway;
  private final LiveFeed feed;
  private final LiveTraffic traffic;

  LiveRoutes(GatewayView gateway) {
    this.gateway = gateway;
    this.feed = gateway.feed();
    this.traffic = new LiveTraffic(gateway);
  }

  /// Whose decisions are shown.
  private enum Sight {
    ALL,
    OWN,
    /// The key has ended, or one is needed since.
    NONE
  }

  private Sight sight(Requester requester) {
    return gateway.with(live -> {
      List<KeyConfig> keys = live.config().keys();
      if (keys.isEmpty() || requester.key().isEmpty()) {
        return keys.isEmpty() ? Sight.ALL : Sight.NONE;
      }
      try {
        return live.keys().named(requester.key()).key().map(KeyConfig::admin).orElse(false)
            ? Sight.ALL
            : Sight.OWN;
      } catch (ApiException e) {
        return Sight.NONE;
      }
    });
  }

  @Override
  public void follow(ServerResponse response, Requester requester) {
    if (feed.listeners() >= MOST_LISTENERS) {
      throw new PageException(
          503, "too many pages follow the gateway", "close one of them, or wait");
    }
    response.header(HeaderNames.CONTENT_TYPE, "text/event-stream");
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    try (LiveSubscription live = feed.subscribe();
        OutputStream out = response.outputStream()) {
      write(out, ": following\n\n");
      while (!live.closed()) {
        Optional<LiveEvent> event = live.next(HEARTBEAT);
        Sight sight = sight(requester);
        if (sight == Sight.NONE) {
          return;
        }
        if (event.isEmpty()) {
          write(out, ": still here\n\n");
        } else if (sight == Sight.ALL || isOwn(event.get(), requester)) {
          write(out, "data: " + LiveJson.of(shown(event.get(), requester)) + "\n\n");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  @Override
  public ObjectNode summary(PageApi.Query query, Requester requester) {
    int minutes = number(query, "minutes", 60, MOST_MINUTES);
    int recent = number(query, "recent", 50, LiveFeed.MOST_RECENT);
    ObjectNode root =
        sight(requester) == Sight.ALL
            ? LiveJson.of(feed.summary(Duration.ofMinutes(minutes)))
            : JsonNodeFactory.instance.objectNode().put("adminOnly", ADMIN_ONLY);
    List<DecisionRecord> latest =
        visible(requester).limit(recent).map(d -> shown(d, requester)).toList();
    return root.set("recent", LiveJson.of(latest));
  }

  /// The latest decisions that the client may see, the newest first.
  private Stream<DecisionRecord> visible(Requester requester) {
    Sight sight = sight(requester);
    return feed.recent(LiveFeed.MOST_RECENT).stream()
        .filter(d -> sight == Sight.ALL || (sight == Sight.OWN && isOwn(d, requester)));
  }

  @Override
  public ObjectNode decision(PageApi.Query query, Requester requester) {
    String id = query.first("id").orElse("");
    return visible(requester)
        .filter(d -> d.id().equals(id))
        .findFirst()
        .map(d -> detailed(shown(d, requester)))
        .orElseThrow(() ->
            new PageException(404, "the decision is not among the latest ones", "see the store"));
  }

  /// The answer goes with the prompt: who may not see one sees neither.
  private ObjectNode detailed(DecisionRecord decision) {
    ObjectNode root = LiveJson.detailed(decision);
    if (decision.prompt().isPresent()) {
      feed.answers().find(decision.id()).ifPresent(text -> root.put("answer", text));
    }
    return root;
  }

  @Override
  public Map<String, @Nullable Object> traffic(Requester requester) {
    return sight(requester) == Sight.ALL
        ? traffic.document()
        : Map.of("status", "unavailable", "reason", ADMIN_ONLY, "advice", "", "remedy", "");
  }

  private static int number(PageApi.Query query, String name, int otherwise, int most) {
    Optional<String> text = query.first(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      int value = Integer.parseInt(text.get());
      if (value >= 1 && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below, together with numbers out of range.
    }
    throw new PageException(400, "%s must be a number from 1 to %d".formatted(name, most), "");
  }

  private static LiveEvent shown(LiveEvent event, Requester requester) {
    return switch (event) {
      case LiveEvent.Decided decided -> new LiveEvent.Decided(shown(decided.decision(), requester));
      case LiveEvent.Scored scored -> scored;
      case LiveEvent.Voted voted -> voted;
      case LiveEvent.Lost lost -> lost;
    };
  }

  private static DecisionRecord shown(DecisionRecord d, Requester requester) {
    return d.prompt().isEmpty() || isOwn(d, requester) ? d : d.withoutPrompt();
  }

  private static boolean isOwn(DecisionRecord d, Requester requester) {
    return d.request().request().client().equals(requester.key());
  }

  private boolean isOwn(LiveEvent event, Requester requester) {
    return switch (event) {
      case LiveEvent.Decided decided -> isOwn(decided.decision(), requester);
      case LiveEvent.Scored scored -> isOwn(scored.decision(), requester);
      case LiveEvent.Voted voted -> isOwn(voted.decision(), requester);
      case LiveEvent.Lost _ -> true;
    };
  }

  private boolean isOwn(String decision, Requester requester) {
    return feed.recent(LiveFeed.MOST_RECENT).stream()
        .anyMatch(d -> d.id().equals(decision) && isOwn(d, requester));
  }
}
