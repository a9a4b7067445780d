package org.embedllm.gateway.observe;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.embedllm.gateway.config.ObserveConfig;

/// Sends traces to an OpenTelemetry collector, where the configuration names one.
public final class Traces implements AutoCloseable {
  private final Optional<SdkTracerProvider> provider;

  public Traces(ObserveConfig config) {
    this.provider = config.traces().map(endpoint -> provider(endpoint, config.sample()));
  }

  private static SdkTracerProvider provider(URI endpoint, double sample) {
    String base = endpoint.toString().replaceAll("/+$", "");
    String url = base.endsWith("/v1/traces") ? base : base + "/v1/traces";
    var exporter = OtlpHttpSpanExporter.builder().setEndpoint(url).build();
    return SdkTracerProvider.builder()
        .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
        .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(sample)))
        .setResource(
            Resource.getDefault()
                .merge(
                    Resource.create(
                        Attributes.builder().put("service.name", "embedllm-gateway").build())))
        .build();
  }

  public Optional<Tracer> tracer() {
    return provider.map(p -> p.get("org.embedllm.gateway"));
  }

  @Override
  public void close() {
    provider.ifPresent(p -> {
      p.forceFlush().join(5, TimeUnit.SECONDS);
      p.close();
    });
  }
}
