package org.embedllm.gateway.upstream;

import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/// Connections to upstreams, kept for the next request: a pool for each server.
///
/// The calling thread itself writes and reads, without limits of time of its own: a [CallGuard]
/// interrupts it, which closes the connection. Nothing is followed, retried, decompressed or taken
/// from the environment, but a kept connection that its server had closed in the meantime is
/// replaced. How many connections there are at a time is bounded by the upstreams' places.
final class UpstreamConnections implements AutoCloseable {
  private static final int MOST_CONNECTIONS = 100_000;
  private static final int MOST_STALE = 3;
  private static final TimeValue KEEP_IDLE = TimeValue.ofSeconds(60);
  private static final TimeValue KEEP_AT_ALL = TimeValue.ofMinutes(10);

  private final Map<Origin, Pool> pools = new ConcurrentHashMap<>();
  private final SSLContext tls;

  /// @param tls with which certificates are trusted
  UpstreamConnections(SSLContext tls) {
    this.tls = tls;
  }

  private record Origin(HttpHost host, Duration connect) {}

  private record Pool(PoolingHttpClientConnectionManager connections, CloseableHttpClient client) {}

  /// Sends a request and waits for the head of the answer.
  ///
  /// @throws IOException where there is no connection, or it breaks
  Exchange open(Target target, HttpUriRequestBase request) throws IOException {
    Pool pool =
        pools.computeIfAbsent(new Origin(target.host(), target.connect()), o -> pool(o.connect()));
    for (int stale = 0; ; stale++) {
      var context = HttpClientContext.create();
      try {
        return new Exchange(request, pool.client().executeOpen(target.host(), request, context));
      } catch (NoHttpResponseException | SocketException e) {
        if (stale == MOST_STALE || !wasKept(context) || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        // Its server has closed it while idle, and probably the others with it.
        pool.connections().closeIdle(TimeValue.ZERO_MILLISECONDS);
      }
    }
  }

  /// Whether the connection had answered earlier requests.
  private static boolean wasKept(HttpClientContext context) {
    return Optional.ofNullable(context.getEndpointDetails())
        .map(EndpointDetails::getResponseCount)
        .filter(n -> n > 0)
        .isPresent();
  }

  private Pool pool(Duration connect) {
    PoolingHttpClientConnectionManager connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
            .setMaxConnPerRoute(MOST_CONNECTIONS)
            .setMaxConnTotal(MOST_CONNECTIONS)
            .setTlsSocketStrategy(new DefaultClientTlsStrategy(tls))
            .setDefaultConnectionConfig(
                ConnectionConfig.custom()
                    .setConnectTimeout(Timeout.of(connect))
                    .setSocketTimeout(Timeout.DISABLED)
                    .setTimeToLive(KEEP_AT_ALL)
                    .setValidateAfterInactivity(TimeValue.NEG_ONE_MILLISECOND)
                    .build())
            .build();
    CloseableHttpClient client =
        HttpClients.custom()
            .setConnectionManager(connections)
            .setRoutePlanner(new DefaultRoutePlanner(null))
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setAuthenticationEnabled(false)
                    .setExpectContinueEnabled(false)
                    .setProtocolUpgradeEnabled(false)
                    .setDefaultKeepAlive(KEEP_IDLE.getDuration(), KEEP_IDLE.getTimeUnit())
                    .build())
            .setUserAgent("embedllm-gateway")
            .disableAuthCaching()
            .disableAutomaticRetries()
            .disableConnectionState()
            .disableContentCompression()
            .disableCookieManagement()
            .disableRedirectHandling()
            .build();
    return new Pool(connections, client);
  }

  /// Closes connections that are idle for long; called about every second.
  void tidy() {
    for (Pool pool : pools.values()) {
      pool.connections().closeExpired();
      pool.connections().closeIdle(KEEP_IDLE);
    }
  }

  @Override
  public void close() {
    pools.values().forEach(pool -> pool.client().close(CloseMode.IMMEDIATE));
  }
}
