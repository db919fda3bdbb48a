// labvcenter: a vCenter to test against, made from govmomi's simulator package (Debian's
// golang-github-vmware-govmomi-dev, which ships the library without the vcsim and govc commands).
//
// On top of the simulator it adds what that version lacks and a backup plugin needs:
// tasks that take time, report progress and can be cancelled; snapshot power states, revert that
// really goes back; suspend's power-state rule; ExportVm/ExportSnapshot with an NFC lease that can be
// downloaded; QueryChangedDiskAreas; guest tools and quick statistics; and faults on demand (/lab/...).
package main

import (
	"crypto/sha1"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"log"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/vmware/govmomi/lookup/simulator"
	_ "github.com/vmware/govmomi/pbm/simulator"
	"github.com/vmware/govmomi/simulator"
	_ "github.com/vmware/govmomi/sts/simulator"
	_ "github.com/vmware/govmomi/vapi/cluster/simulator"
	_ "github.com/vmware/govmomi/vapi/namespace/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
)

func fatal(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "labvcenter:", err)
		os.Exit(1)
	}
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8989", "address")
	user := flag.String("user", "administrator@vsphere.local", "user")
	pass := flag.String("pass", "lab-password", "password")
	dir := flag.String("dir", ".", "folder for ca.pem and the datastores")
	model := simulator.VPX()
	flag.IntVar(&model.Machine, "vm", 2, "virtual machines in each resource pool (one standalone host, one cluster)")
	flag.IntVar(&model.Datacenter, "dc", 1, "datacenters")
	flag.IntVar(&model.ClusterHost, "hosts", 3, "hosts in the cluster")
	flag.IntVar(&model.Datastore, "ds", 1, "datastores")
	idle := flag.Duration("session-idle", 0, "a session unused this long ends (0: never)")
	taskMs := flag.Int("task-ms", 0, "time each task takes (0: finished at once)")
	callMs := flag.Int("delay-ms", 0, "time each call takes")
	diskMB := flag.Int("disk-mb", 4, "size of an exported disk")
	busybox := flag.String("busybox", "", "of guests in which programs run (empty: there are none)")
	guestScript := flag.String("guest-script", "guest", "what makes a guest")
	ttl := flag.Duration("lease-timeout", 300*time.Second, "an export lease with no progress call this long fails")
	flag.Parse()
	if os.Getenv("LAB_LOG") == "" {
		log.SetOutput(io.Discard)
	}
	simulator.SessionIdleTimeout = *idle
	model.DelayConfig.Delay = *callMs
	fatal(model.Create())
	crt := certificate(*dir)
	sum := sha1.Sum(crt.Certificate[0])
	hex := make([]string, len(sum))
	for i, b := range sum {
		hex[i] = fmt.Sprintf("%02X", b)
	}
	model.Service.TLS = &tls.Config{Certificates: []tls.Certificate{crt}}
	model.Service.Listen = &url.URL{Host: *listen, User: url.UserPassword(*user, *pass)}
	model.Service.RegisterEndpoints = true
	furnish()
	srv := model.Service.NewServer()
	f := &front{mux: model.Service.ServeMux, host: srv.URL.Host, thumb: strings.Join(hex, ":"), calls: map[string]int{}, now: map[string]int{}, most: map[string]int{}, ended: map[string]bool{}, cancel: map[string]bool{}, leases: map[string]*lease{}, disks: map[string][]byte{}, pieces: map[string]string{}, taskMs: *taskMs, diskMB: *diskMB, leaseTTL: *ttl}
	f.guests = newGuests(f, *dir, *busybox, *guestScript)
	srv.Server.Config.Handler = f
	guests := "yes"
	if _, err := f.guests.up("none"); err != nil {
		guests = strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " ")
	}
	f.guests.down("none")
	fmt.Printf("guests=%s\n", guests)
	fmt.Printf("url=https://%s/sdk\nuser=%s\npassword=%s\nthumbprint=%s\nca=%s/ca.pem\npid=%s\n", srv.URL.Host, *user, *pass, f.thumb, *dir, strconv.Itoa(os.Getpid()))
	_ = os.Stdout.Sync()
	go keepBusy(time.Now())
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM, syscall.SIGINT)
	<-c
	f.guests.downAll()
	model.Remove()
}
