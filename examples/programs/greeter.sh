#!/bin/sh
# Greets one connection: started when it opens, ended when it closes.
echo "Welcome from $SERVER_NAME, you asked for $REQUEST_URI"
while read -r name; do
  echo "Hello, $name"
done
