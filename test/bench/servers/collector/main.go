// The Go Collector's OTLP receiver in front of a consumer that counts and drops, as its nop exporter does.
// The first argument names the protocol, "grpc" or "http".
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"sync/atomic"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configgrpc"
	"go.opentelemetry.io/collector/config/confignet"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
)

var requests, items atomic.Int64

func count(n int) error {
	requests.Add(1)
	items.Add(int64(n))
	return nil
}

func main() {
	ctx := context.Background()
	port := freePort()
	factory := otlpreceiver.NewFactory()
	config := factory.CreateDefaultConfig().(*otlpreceiver.Config)
	address := confignet.AddrConfig{Endpoint: fmt.Sprintf("127.0.0.1:%d", port), Transport: confignet.TransportTypeTCP}
	if os.Args[1] == "http" {
		http := config.Protocols.HTTP.GetOrInsertDefault()
		http.ServerConfig.NetAddr = address
		config.Protocols.GRPC = configoptional.None[configgrpc.ServerConfig]()
	} else {
		grpc := configgrpc.NewDefaultServerConfig()
		grpc.NetAddr = address
		config.Protocols.GRPC = configoptional.Some(grpc)
		config.Protocols.HTTP = configoptional.None[otlpreceiver.HTTPConfig]()
	}
	settings := receivertest.NewNopSettings(factory.Type())

	// The factory hands out one receiver for the three signals of one config.
	traces := must(consumer.NewTraces(func(_ context.Context, d ptrace.Traces) error { return count(d.SpanCount()) }))
	logs := must(consumer.NewLogs(func(_ context.Context, d plog.Logs) error { return count(d.LogRecordCount()) }))
	metrics := must(consumer.NewMetrics(func(_ context.Context, d pmetric.Metrics) error { return count(d.DataPointCount()) }))
	var receivers []component.Component
	receivers = append(receivers, must(factory.CreateTraces(ctx, settings, config, traces)))
	receivers = append(receivers, must(factory.CreateLogs(ctx, settings, config, logs)))
	receivers = append(receivers, must(factory.CreateMetrics(ctx, settings, config, metrics)))
	for _, receiver := range receivers {
		if err := receiver.Start(ctx, nopHost{}); err != nil {
			log.Fatal(err)
		}
	}

	fmt.Printf("{\"port\":%d}\n", port)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Printf("{\"requests\":%d,\"items\":%d}\n", requests.Load(), items.Load())
	}
}

type nopHost struct{}

func (nopHost) GetExtensions() map[component.ID]component.Component { return nil }

func freePort() int {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
