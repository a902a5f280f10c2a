// Verifies a delivery, with Go's own library. As a program: the headers in the environment, as CGI has them, the body on standard input.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

func sign(key, message []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(message)
	return mac.Sum(nil)
}

func verifyPlain(body []byte, signatures []string, secret string) bool {
	expected := hex.EncodeToString(sign([]byte(secret), body))
	for _, signature := range signatures {
		if hmac.Equal([]byte(expected), []byte(signature)) {
			return true
		}
	}
	return false
}

func verifyStandard(body []byte, id, timestamp, signatures, secret string) bool {
	sent, err := strconv.ParseInt(timestamp, 10, 64)
	if age := time.Now().Unix() - sent; err != nil || age > 300 || age < -300 {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := sign(key, append([]byte(id+"."+timestamp+"."), body...))
	expected := "v1," + base64.StdEncoding.EncodeToString(mac)
	for _, signature := range strings.Split(signatures, " ") {
		if hmac.Equal([]byte(expected), []byte(signature)) {
			return true
		}
	}
	return false
}

func main() {
	body, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	header := func(name string) string { return os.Getenv("HTTP_" + name) }
	word := map[bool]string{true: "verified", false: "refused"}
	secret := os.Getenv("WEBHOOK_SECRET")
	plain := []string{header("X_SWITCHBOARD_SIGNATURE"), header("X_SWITCHBOARD_SIGNATURE_PREVIOUS")}
	fmt.Println("plain:", word[verifyPlain(body, plain, secret)])
	standard := verifyStandard(body, header("WEBHOOK_ID"), header("WEBHOOK_TIMESTAMP"), header("WEBHOOK_SIGNATURE"), secret)
	fmt.Println("standard:", word[standard])
}
