package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ShopTest {
    private static final String WAIT_FOR =
            System.getenv("OTEL_EXPORTER_OTLP_ENDPOINT") + "/obsvty.v1.QueryService/WaitFor";
    private static OpenTelemetrySdk telemetry;
    private static HttpServer server;

    @BeforeAll
    static void open() throws Exception {
        telemetry = AutoConfiguredOpenTelemetrySdk.initialize().getOpenTelemetrySdk();
        server = new Shop(telemetry).listen(0);
    }

    @AfterAll
    static void close() {
        server.stop(0);
        telemetry.close();
    }

    private static HttpResponse<String> post(String url, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> checkout(String cart) throws Exception {
        return post("http://127.0.0.1:" + server.getAddress().getPort() + "/checkout", cart);
    }

    @Test
    void aCardThatIsDeclinedFailsTheOrder() throws Exception {
        assertEquals(402, checkout("{\"id\": \"c3\", \"amount\": 999.5}").statusCode());
        String span = """
                {"name": "charge card", "statusCode": "STATUS_CODE_ERROR", "attributes": {"cart.id": "c3"}}""";
        HttpResponse<String> answer = post(WAIT_FOR, "{\"spans\": " + span + ", \"timeout\": \"10s\"}");
        assertEquals(200, answer.statusCode(), answer.body());

        String log = """
                {"minSeverity": "SEVERITY_NUMBER_ERROR", "bodyContains": "card declined"}""";
        answer = post(WAIT_FOR, "{\"logs\": " + log + ", \"timeout\": \"10s\"}");
        assertEquals(200, answer.statusCode(), answer.body());
    }

    @Test
    void anOrderThatIsPaidIsCounted() throws Exception {
        assertEquals(200, checkout("{\"id\": \"c1\", \"amount\": 59.9}").statusCode());
        String metric = """
                {"name": "shop.orders", "attributes": {"outcome": "paid"}}""";
        HttpResponse<String> answer = post(WAIT_FOR, "{\"metrics\": " + metric + ", \"timeout\": \"10s\"}");
        assertEquals(200, answer.statusCode(), answer.body());
    }
}
