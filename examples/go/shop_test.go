package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	stop := must(startTelemetry(context.Background()))
	code := m.Run()
	stop(context.Background())
	os.Exit(code)
}

func post(t *testing.T, url, body string) (int, string) {
	t.Helper()
	answer, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text)
}

var waitFor = os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") + "/obsvty.v1.QueryService/WaitFor"

func TestADeclinedCardFailsTheOrder(t *testing.T) {
	server := httptest.NewServer(shop())
	defer server.Close()
	post(t, server.URL+"/checkout", `{"id": "c3", "amount": 999.5}`)
	span := `{"name": "charge card", "statusCode": "STATUS_CODE_ERROR", "attributes": {"cart.id": "c3"}}`
	if status, text := post(t, waitFor, `{"spans": `+span+`, "timeout": "10s"}`); status != 200 {
		t.Fatal(text)
	}
	log := `{"minSeverity": "SEVERITY_NUMBER_ERROR", "bodyContains": "card declined"}`
	if status, text := post(t, waitFor, `{"logs": `+log+`, "timeout": "10s"}`); status != 200 {
		t.Fatal(text)
	}
}

func TestAnOrderThatIsPaidIsCounted(t *testing.T) {
	server := httptest.NewServer(shop())
	defer server.Close()
	post(t, server.URL+"/checkout", `{"id": "c1", "amount": 59.9}`)
	metric := `{"name": "shop.orders", "attributes": {"outcome": "paid"}}`
	if status, text := post(t, waitFor, `{"metrics": `+metric+`, "timeout": "10s"}`); status != 200 {
		t.Fatal(text)
	}
}
