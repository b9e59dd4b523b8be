// One end of a call on Pion v3: the lines of data_peer.h on standard input and output.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/pion/webrtc/v3"
)

type object = map[string]interface{}

type end struct {
	connection *webrtc.PeerConnection
	mutex      sync.Mutex
	channels   map[int]*webrtc.DataChannel
	quiet      bool
	echo       bool
	flooding   bool
	messages   int
	bytes      int
	waiting    []webrtc.ICECandidateInit
}

var output sync.Mutex

func tell(message object) {
	line, _ := json.Marshal(message)
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(line))
}

func fnv(data []byte) uint32 {
	value := uint32(0x811c9dc5)
	for _, each := range data {
		value = (value ^ uint32(each)) * 0x01000193
	}
	return value
}

func (e *end) adopt(channel *webrtc.DataChannel) int {
	e.mutex.Lock()
	number := len(e.channels) + 1
	e.channels[number] = channel
	e.mutex.Unlock()
	channel.OnClose(func() { tell(object{"type": "closed", "channel": number}) })
	channel.OnMessage(func(message webrtc.DataChannelMessage) {
		e.messages++
		e.bytes += len(message.Data)
		if e.echo {
			_ = channel.Send(message.Data)
			return
		}
		if e.quiet {
			return
		}
		if message.IsString {
			tell(object{"type": "message", "channel": number, "text": string(message.Data)})
			return
		}
		first := -1
		if len(message.Data) > 0 {
			first = int(message.Data[0])
		}
		tell(object{"type": "message", "channel": number, "size": len(message.Data), "first": first, "sum": fnv(message.Data)})
	})
	return number
}

func (e *end) describe(description webrtc.SessionDescription, err error) error {
	if err != nil {
		return err
	}
	if err := e.connection.SetLocalDescription(description); err != nil {
		return err
	}
	tell(object{"type": "description", "description": object{"type": description.Type.String(), "sdp": description.SDP}})
	return nil
}

func (e *end) description(message object) error {
	described := message["description"].(object)
	description := webrtc.SessionDescription{Type: webrtc.NewSDPType(described["type"].(string)), SDP: described["sdp"].(string)}
	if err := e.connection.SetRemoteDescription(description); err != nil {
		return err
	}
	for _, candidate := range e.waiting {
		if err := e.connection.AddICECandidate(candidate); err != nil {
			return err
		}
	}
	e.waiting = nil
	if description.Type == webrtc.SDPTypeOffer {
		return e.describe(e.connection.CreateAnswer(nil))
	}
	return nil
}

func (e *end) candidate(message object) error {
	text := message["candidate"].(object)["candidate"].(string)
	if text == "" {
		return nil
	}
	candidate := webrtc.ICECandidateInit{Candidate: text}
	if e.connection.RemoteDescription() == nil {
		e.waiting = append(e.waiting, candidate)
		return nil
	}
	return e.connection.AddICECandidate(candidate)
}

func number16(message object, key string) *uint16 {
	value, ok := message[key].(float64)
	if !ok {
		return nil
	}
	number := uint16(value)
	return &number
}

func (e *end) open(message object) error {
	options := &webrtc.DataChannelInit{ID: number16(message, "id"), MaxRetransmits: number16(message, "maxRetransmits"), MaxPacketLifeTime: number16(message, "maxPacketLifeTime")}
	if ordered, ok := message["ordered"].(bool); ok {
		options.Ordered = &ordered
	}
	if protocol, ok := message["protocol"].(string); ok {
		options.Protocol = &protocol
	}
	if options.ID != nil {
		yes := true
		options.Negotiated = &yes
	}
	channel, err := e.connection.CreateDataChannel(message["label"].(string), options)
	if err != nil {
		return err
	}
	number := e.adopt(channel)
	tell(object{"type": "opening", "channel": number, "label": message["label"]})
	channel.OnOpen(func() { tell(object{"type": "open", "channel": number}) })
	return nil
}

func (e *end) channel(message object) *webrtc.DataChannel {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return e.channels[int(message["channel"].(float64))]
}

func (e *end) send(message object) error {
	if text, ok := message["text"].(string); ok {
		return e.channel(message).SendText(text)
	}
	data := make([]byte, int(message["size"].(float64)))
	for i := range data {
		data[i] = byte(int(message["first"].(float64)) + i)
	}
	return e.channel(message).Send(data)
}

// As fast as it goes: what waits stays between half a megabyte and one.
func (e *end) flood(message object) error {
	channel := e.channel(message)
	data := make([]byte, int(message["size"].(float64)))
	more := make(chan bool, 1)
	channel.SetBufferedAmountLowThreshold(512 * 1024)
	channel.OnBufferedAmountLow(func() {
		select {
		case more <- true:
		default:
		}
	})
	e.flooding = true
	go func() {
		for e.flooding {
			if channel.BufferedAmount() >= 1024*1024 {
				<-more
			}
			if channel.Send(data) != nil {
				return
			}
		}
	}()
	return nil
}

func (e *end) hear(message object) error {
	switch message["type"] {
	case "description":
		return e.description(message)
	case "candidate":
		return e.candidate(message)
	case "offer":
		return e.describe(e.connection.CreateOffer(nil))
	case "restart":
		return e.describe(e.connection.CreateOffer(&webrtc.OfferOptions{ICERestart: true}))
	case "open":
		return e.open(message)
	case "send":
		return e.send(message)
	case "close":
		return e.channel(message).Close()
	case "quiet":
		e.quiet = true
		return nil
	case "echo":
		e.echo = true
		return nil
	case "flood":
		return e.flood(message)
	case "stop":
		e.flooding = false
		return nil
	case "tally":
		tell(object{"type": "tally", "messages": e.messages, "bytes": e.bytes})
		return nil
	case "end":
		_ = e.connection.Close()
		os.Exit(0)
	}
	return fmt.Errorf("unknown: %v", message["type"])
}

func newEnd() *end {
	connection, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		panic(err)
	}
	e := &end{connection: connection, channels: map[int]*webrtc.DataChannel{}}
	connection.OnICECandidate(func(candidate *webrtc.ICECandidate) {
		if candidate == nil {
			return
		}
		init := candidate.ToJSON()
		tell(object{"type": "candidate", "candidate": object{"candidate": init.Candidate, "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": ""}})
	})
	connection.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		tell(object{"type": "state", "state": strings.ToLower(state.String())})
	})
	connection.OnDataChannel(func(channel *webrtc.DataChannel) {
		message := object{"type": "channel", "channel": e.adopt(channel), "label": channel.Label(), "protocol": channel.Protocol(), "ordered": channel.Ordered()}
		if limit := channel.MaxRetransmits(); limit != nil {
			message["maxRetransmits"] = *limit
		}
		if limit := channel.MaxPacketLifeTime(); limit != nil {
			message["maxPacketLifeTime"] = *limit
		}
		// Told once it is open: what is asked of it before then Pion forgets without a word, Close() too.
		channel.OnOpen(func() {
			tell(message)
			tell(object{"type": "open", "channel": message["channel"]})
		})
	})
	return e
}

func main() {
	e := newEnd()
	reader := bufio.NewScanner(os.Stdin)
	reader.Buffer(make([]byte, 1<<20), 1<<24)
	for reader.Scan() {
		message := object{}
		if err := json.Unmarshal(reader.Bytes(), &message); err != nil {
			continue
		}
		if err := e.hear(message); err != nil {
			tell(object{"type": "refused", "detail": err.Error()})
		}
	}
}
