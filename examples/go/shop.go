// A shop with one handler: POST /checkout takes {"id": "c1", "amount": 59.9}.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

var (
	tracer  = otel.Tracer("shop", trace.WithInstrumentationVersion("1.0.0"))
	meter   = otel.Meter("shop", metric.WithInstrumentationVersion("1.0.0"))
	logger  = otelslog.NewLogger("shop", otelslog.WithVersion("1.0.0"))
	orders  = must(meter.Int64Counter("shop.orders", metric.WithUnit("{order}"), metric.WithDescription("Orders taken")))
	amounts = must(meter.Float64Histogram("shop.order.amount", metric.WithUnit("EUR"), metric.WithDescription("Worth of an order")))
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

type Cart struct {
	ID     string  `json:"id"`
	Amount float64 `json:"amount"`
}

func charge(ctx context.Context, cart Cart) error {
	_, span := tracer.Start(ctx, "charge card", trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("cart.id", cart.ID), attribute.Float64("payment.amount", cart.Amount)))
	defer span.End()
	if cart.Amount <= 500 {
		return nil
	}
	err := errors.New("card declined")
	span.RecordError(err, trace.WithStackTrace(true))
	span.SetStatus(codes.Error, err.Error())
	return err
}

// Returns the HTTP status and a line for the customer.
func checkout(ctx context.Context, cart Cart) (int, string) {
	ctx, span := tracer.Start(ctx, "POST /checkout", trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("http.request.method", "POST"), attribute.String("cart.id", cart.ID)))
	defer span.End()
	status, outcome, line := http.StatusOK, "paid", fmt.Sprintf("order %s paid", cart.ID)
	if err := charge(ctx, cart); err == nil {
		logger.InfoContext(ctx, line, "cart.id", cart.ID)
	} else {
		status, outcome, line = http.StatusPaymentRequired, "declined", fmt.Sprintf("order %s failed: %v", cart.ID, err)
		span.SetStatus(codes.Error, err.Error())
		logger.ErrorContext(ctx, line, "cart.id", cart.ID)
	}
	span.SetAttributes(attribute.Int("http.response.status_code", status))
	attributes := metric.WithAttributes(attribute.String("outcome", outcome))
	orders.Add(ctx, 1, attributes)
	amounts.Record(ctx, cart.Amount, attributes)
	return status, line
}

func shop() http.Handler {
	handler := http.NewServeMux()
	handler.HandleFunc("POST /checkout", func(w http.ResponseWriter, r *http.Request) {
		var cart Cart
		if err := json.NewDecoder(r.Body).Decode(&cart); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		status, line := checkout(r.Context(), cart)
		w.WriteHeader(status)
		fmt.Fprint(w, line)
	})
	return handler
}
