package desk

import (
	"fmt"
	"net"
	"time"

	surveysync "rileva/pkg/sync"
)

// wakeEvery is how often the network is asked whether it is back, while
// something waits for nothing else. It asks with the pass's first call, which
// needs no token and costs the server nothing; the waits of the outbox, of up
// to half an hour, are for a server that is there and has too much to do.
const wakeEvery = time.Minute

// Waiting tells whether a pass of the sync is worth while: something in the
// outbox is due to be tried, or waits for the network and it may be back.
func (d *Desk) Waiting() bool {
	o, err := d.owner()
	if err != nil {
		return false
	}
	list, err := d.store.Outbox(o)
	if err != nil {
		return false
	}
	cutOff := false
	for _, e := range list {
		if e.State != surveysync.OpQueued {
			continue
		}
		if !e.Next.After(d.now()) {
			return true
		}
		cutOff = cutOff || surveysync.Unreached(e.LastCode)
	}
	return cutOff && d.mayBeBack()
}

// mayBeBack is true once a minute, and at once when this computer's own
// addresses have changed: a cable was plugged in, a Wi-Fi was joined.
func (d *Desk) mayBeBack() bool {
	addresses := d.addresses()
	d.mu.Lock()
	defer d.mu.Unlock()
	moved := d.lastAddresses != "" && addresses != d.lastAddresses
	d.lastAddresses = addresses
	since := d.now().Sub(d.lastProbe)
	if !moved && since >= 0 && since < wakeEvery {
		return false
	}
	d.lastProbe = d.now()
	return true
}

// ownAddresses are those of this computer's network cards, in one text.
func ownAddresses() string {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	return fmt.Sprint(list)
}
