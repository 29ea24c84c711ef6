// Asks a server by the client of jaeger.api_v3.QueryService that Jaeger generates for itself, and prints the answers as
// JSON: `jaeger-client ADDRESS SERVICE`.
//
// Jaeger has that client in a package that only modules below its own path may import, which is why the module of this
// program has such a path.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/jaegertracing/jaeger/internal/jptrace"
	"github.com/jaegertracing/jaeger/internal/proto/api_v3"
)

type operation struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

type span struct {
	TraceID string `json:"traceId"`
	Service string `json:"service"`
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Status  string `json:"status"`
	Start   int64  `json:"startUnixNano,string"`
	End     int64  `json:"endUnixNano,string"`
}

type answers struct {
	Services   []string    `json:"services"`
	Operations []operation `json:"operations"`
	// Each message of the stream.
	Found   [][]span `json:"found"`
	Failed  [][]span `json:"failed"`
	Trace   [][]span `json:"trace"`
	Missing string   `json:"missing"`
}

type stream interface {
	Recv() (*jptrace.TracesData, error)
}

func main() {
	log.SetFlags(0)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	connection, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	check(err)
	client := api_v3.NewQueryServiceClient(connection)
	service := os.Args[2]
	var all answers

	services, err := client.GetServices(ctx, &api_v3.GetServicesRequest{})
	check(err)
	all.Services = services.Services

	operations, err := client.GetOperations(ctx, &api_v3.GetOperationsRequest{Service: service})
	check(err)
	for _, each := range operations.Operations {
		all.Operations = append(all.Operations, operation{each.Name, each.SpanKind})
	}

	query := api_v3.TraceQueryParameters{
		ServiceName:  service,
		StartTimeMin: time.Unix(0, 0),
		StartTimeMax: time.Now().Add(24 * 365 * time.Hour),
		SearchDepth:  20,
	}
	all.Found = find(ctx, client, query)
	query.Attributes = map[string]string{"error": "true"}
	query.DurationMin = time.Millisecond
	all.Failed = find(ctx, client, query)

	id := all.Failed[0][0].TraceID
	trace, err := client.GetTrace(ctx, &api_v3.GetTraceRequest{TraceId: id})
	check(err)
	all.Trace, err = messages(trace)
	check(err)

	missing, err := client.GetTrace(ctx, &api_v3.GetTraceRequest{TraceId: "ffffffffffffffffffffffffffffffff"})
	check(err)
	_, err = messages(missing)
	all.Missing = status.Code(err).String()

	check(json.NewEncoder(os.Stdout).Encode(all))
}

func find(ctx context.Context, client api_v3.QueryServiceClient, query api_v3.TraceQueryParameters) [][]span {
	found, err := client.FindTraces(ctx, &api_v3.FindTracesRequest{Query: &query})
	check(err)
	result, err := messages(found)
	check(err)
	return result
}

func messages(from stream) ([][]span, error) {
	var result [][]span
	for {
		data, err := from.Recv()
		if errors.Is(err, io.EOF) {
			return result, nil
		}
		if err != nil {
			return nil, err
		}
		result = append(result, spansOf(data.ToTraces()))
	}
}

func spansOf(traces ptrace.Traces) []span {
	var result []span
	for _, resource := range traces.ResourceSpans().All() {
		service, _ := resource.Resource().Attributes().Get("service.name")
		for _, scope := range resource.ScopeSpans().All() {
			for _, each := range scope.Spans().All() {
				result = append(result, span{
					TraceID: each.TraceID().String(),
					Service: service.AsString(),
					Name:    each.Name(),
					Kind:    each.Kind().String(),
					Status:  each.Status().Code().String(),
					Start:   int64(each.StartTimestamp()),
					End:     int64(each.EndTimestamp()),
				})
			}
		}
	}
	return result
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
