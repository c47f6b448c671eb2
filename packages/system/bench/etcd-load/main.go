// Drives an etcd cluster with puts through its own client, so that the server is what is measured.
// Built by bench.mjs with Debian's golang-go and golang-etcd-server-dev. Prints operations a second and latencies.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"go.etcd.io/etcd/clientv3"
)

func main() {
	endpoints := flag.String("endpoints", "", "comma-separated URLs")
	clients := flag.Int("clients", 1, "puts under way at a time")
	count := flag.Int("count", 1000, "puts in all")
	size := flag.Int("size", 256, "bytes of a value")
	flag.Parse()

	const connections = 4
	var handles []*clientv3.Client
	for i := 0; i < connections; i++ {
		handle, err := clientv3.New(clientv3.Config{Endpoints: strings.Split(*endpoints, ","), DialTimeout: 5 * time.Second})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		defer handle.Close()
		handles = append(handles, handle)
	}
	value := strings.Repeat("x", *size)
	work := make(chan int, *clients)
	latencies := make([]time.Duration, *count)
	var done sync.WaitGroup
	began := time.Now()
	for i := 0; i < *clients; i++ {
		done.Add(1)
		go func(handle *clientv3.Client) {
			defer done.Done()
			for index := range work {
				sent := time.Now()
				if _, err := handle.Put(context.Background(), fmt.Sprintf("key:%d", index%1000), value); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				latencies[index] = time.Since(sent)
			}
		}(handles[i%connections])
	}
	for index := 0; index < *count; index++ {
		work <- index
	}
	close(work)
	done.Wait()
	seconds := time.Since(began).Seconds()
	sort.Slice(latencies, func(a, b int) bool { return latencies[a] < latencies[b] })
	p50, p99 := latencies[*count/2], latencies[*count*99/100]
	fmt.Printf("{\"rps\":%.1f,\"p50Ms\":%.3f,\"p99Ms\":%.3f}\n", float64(*count)/seconds, float64(p50.Microseconds())/1000, float64(p99.Microseconds())/1000)
}
