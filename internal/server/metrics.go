package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics is what monitoring watches: how many calls came, how they ended, how
// long they took. No label names a school, a device or an address.
type metrics struct {
	registry *prometheus.Registry
	calls    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "rileva_calls_total",
			Help: "Calls by route, status and the code of the refusal."}, []string{"route", "method", "status", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "rileva_call_seconds",
			Help: "Time from the end of a call's header to its answer.", Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30}}, []string{"route"}),
	}
	m.registry.MustRegister(m.calls, m.seconds, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// saw counts one call. Paths that do not exist and methods that nobody knows
// share one label each: whoever tries a million must not fill the memory.
func (m *metrics) saw(c *call, method string, took time.Duration) {
	route := c.route.path
	if route == "" {
		route, method = "other", "other"
	}
	m.calls.WithLabelValues(route, method, strconv.Itoa(c.w.status), string(c.code)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// Operations answers on the operations listener: the metrics, which are for
// whoever runs the server and not for the network, and the two questions of a
// supervisor.
func (s *Server) Operations() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	mux.Handle("GET /healthz", s.Handler())
	mux.Handle("GET /readyz", s.Handler())
	return mux
}
