package org.embedllm.langchain4j;

import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.router.RoutingChatModel;
import dev.langchain4j.model.output.TokenUsage;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Hears of the calls of one router's models. Calls that bypass the router are not reported.
final class RouteListener implements ChatModelListener {
  private static final String START = RouteListener.class.getName() + ".start";

  private final FailedRoutes failed;
  private final LongSupplier nanoClock;
  private final Consumer<ModelCall> calls;

  RouteListener(FailedRoutes failed, LongSupplier nanoClock, Consumer<ModelCall> calls) {
    this.failed = failed;
    this.nanoClock = nanoClock;
    this.calls = calls;
  }

  @Override
  public void onRequest(ChatModelRequestContext context) {
    context.attributes().put(START, nanoClock.getAsLong());
  }

  @Override
  public void onResponse(ChatModelResponseContext context) {
    route(context.attributes())
        .ifPresent(route -> {
          failed.forget(context.chatRequest().messages());
          TokenUsage usage = context.chatResponse().tokenUsage();
          report(
              route,
              context.chatRequest(),
              usage == null ? OptionalInt.empty() : count(usage.inputTokenCount()),
              usage == null ? OptionalInt.empty() : count(usage.outputTokenCount()),
              context.attributes(),
              false);
        });
  }

  @Override
  public void onError(ChatModelErrorContext context) {
    route(context.attributes())
        .ifPresent(route -> {
          failed.add(context.chatRequest().messages(), route);
          OptionalInt unknown = OptionalInt.empty();
          report(route, context.chatRequest(), unknown, unknown, context.attributes(), true);
        });
  }

  private void report(
      String route,
      ChatRequest request,
      OptionalInt input,
      OptionalInt output,
      Map<Object, Object> attributes,
      boolean error) {
    long now = nanoClock.getAsLong();
    long start = attributes.get(START) instanceof Long nanos ? nanos : now;
    calls.accept(
        new ModelCall(
            route, RequestText.of(request), input, output, Duration.ofNanos(now - start), error));
  }

  private static Optional<String> route(Map<Object, Object> attributes) {
    return attributes.get(RoutingChatModel.ROUTE_ATTRIBUTE) instanceof String route
        ? Optional.of(route)
        : Optional.empty();
  }

  private static OptionalInt count(@Nullable Integer tokens) {
    return tokens == null ? OptionalInt.empty() : OptionalInt.of(tokens);
  }
}
