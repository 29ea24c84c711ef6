package shop;

import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.logs.Logger;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** A shop with one handler: POST /checkout takes {"id": "c1", "amount": 59.9}. */
public final class Shop {
    record Cart(String id, double amount) {}

    record Reply(int status, String line) {}

    static final class CardDeclined extends Exception {
        CardDeclined() {
            super("card declined");
        }
    }

    private final Tracer tracer;
    private final Logger logger;
    private final LongCounter orders;
    private final DoubleHistogram amounts;

    Shop(OpenTelemetry telemetry) {
        tracer = telemetry.getTracer("shop", "1.0.0");
        logger = telemetry.getLogsBridge().loggerBuilder("shop").setInstrumentationVersion("1.0.0").build();
        Meter meter = telemetry.meterBuilder("shop").setInstrumentationVersion("1.0.0").build();
        orders = meter.counterBuilder("shop.orders").setUnit("{order}").setDescription("Orders taken").build();
        amounts = meter.histogramBuilder("shop.order.amount").setUnit("EUR").setDescription("Worth of an order").build();
    }

    private void charge(Cart cart) throws CardDeclined {
        Span span = tracer.spanBuilder("charge card")
                .setSpanKind(SpanKind.CLIENT)
                .setAttribute("cart.id", cart.id())
                .setAttribute("payment.amount", cart.amount())
                .startSpan();
        try (Scope ignored = span.makeCurrent()) {
            if (cart.amount() > 500) throw new CardDeclined();
        } catch (CardDeclined error) {
            span.recordException(error);
            span.setStatus(StatusCode.ERROR, error.getMessage());
            throw error;
        } finally {
            span.end();
        }
    }

    Reply checkout(Cart cart) {
        Span span = tracer.spanBuilder("POST /checkout")
                .setSpanKind(SpanKind.SERVER)
                .setAttribute("http.request.method", "POST")
                .setAttribute("cart.id", cart.id())
                .startSpan();
        try (Scope ignored = span.makeCurrent()) {
            Reply reply;
            try {
                charge(cart);
                reply = new Reply(200, "order " + cart.id() + " paid");
                log(Severity.INFO, reply, cart);
            } catch (CardDeclined error) {
                reply = new Reply(402, "order " + cart.id() + " failed: " + error.getMessage());
                span.setStatus(StatusCode.ERROR, error.getMessage());
                log(Severity.ERROR, reply, cart);
            }
            span.setAttribute(longKey("http.response.status_code"), reply.status());
            Attributes outcome = Attributes.of(stringKey("outcome"), reply.status() == 200 ? "paid" : "declined");
            orders.add(1, outcome);
            amounts.record(cart.amount(), outcome);
            return reply;
        } finally {
            span.end();
        }
    }

    private void log(Severity severity, Reply reply, Cart cart) {
        logger.logRecordBuilder()
                .setSeverity(severity)
                .setSeverityText(severity.name())
                .setBody(reply.line())
                .setAttribute(stringKey("cart.id"), cart.id())
                .emit();
    }

    /** Listens on the port, or with 0 on a free one. */
    HttpServer listen(int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/checkout", this::handle);
        server.start();
        return server;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Reply reply = checkout(new ObjectMapper().readValue(exchange.getRequestBody(), Cart.class));
            byte[] line = reply.line().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(reply.status(), line.length);
            exchange.getResponseBody().write(line);
        }
    }

    public static void main(String[] args) throws IOException {
        // The SDK, set up from the variables OTEL_*. It flushes when the virtual machine ends.
        OpenTelemetry telemetry = AutoConfiguredOpenTelemetrySdk.initialize().getOpenTelemetrySdk();
        String port = System.getenv().getOrDefault("PORT", "8080");
        HttpServer server = new Shop(telemetry).listen(Integer.parseInt(port));
        System.out.println("the shop listens on http://127.0.0.1:" + server.getAddress().getPort());
    }
}
