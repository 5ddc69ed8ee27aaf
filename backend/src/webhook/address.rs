//! Which addresses a message may go to. An address comes from whoever administers a clinic, or from a name server that they
//! choose, so nothing may be reached by it that only the backend can reach.
//!
//! The lists are the special-purpose registries of IANA (RFC 6890), as of 2025. Of IPv6 only what is handed out (2000::/3) is
//! public; what carries an address of IPv4 within it (mapped, 6to4, Teredo, NAT64) is not, whatever that is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::Url;

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, c: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// Networks of IPv4 that are not of the public Internet.
const NOT_PUBLIC_4: [Ipv4Net; 18] = [
    // This host; private; shared between carriers and their customers.
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    // Loopback; link-local, where clouds tell machines their secrets; private.
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    // Protocols; documentation; AS112; AMT; relays of 6to4.
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 31, 196, 0, 24),
    v4(192, 52, 193, 0, 24),
    v4(192, 88, 99, 0, 24),
    // Private; AS112; measurements; documentation.
    v4(192, 168, 0, 0, 16),
    v4(192, 175, 48, 0, 24),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    // Multicast; kept for later, broadcast among it.
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];

/// What of IPv6 is handed out at all.
const PUBLIC_6: Ipv6Net = v6(0x2000, 0, 0, 3);

/// Networks within that which are not of the public Internet: protocols, Teredo among them; documentation; 6to4; AS112;
/// documentation again.
const NOT_PUBLIC_6: [Ipv6Net; 5] = [
    v6(0x2001, 0, 0, 23),
    v6(0x2001, 0xdb8, 0, 32),
    v6(0x2002, 0, 0, 16),
    v6(0x2620, 0x4f, 0x8000, 48),
    v6(0x3fff, 0, 0, 20),
];

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_4.iter().any(|network| network.contains(&address)),
        IpAddr::V6(address) => {
            PUBLIC_6.contains(&address) && !NOT_PUBLIC_6.iter().any(|network| network.contains(&address))
        }
    }
}

/// What may be reached: the public Internet by HTTPS, and the inner networks that the operator names, by HTTP too.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    networks: Vec<IpNet>,
}

impl Reach {
    /// These inner networks too.
    pub const fn new(networks: Vec<IpNet>) -> Self {
        Self { networks }
    }

    /// The inner networks.
    pub fn networks(&self) -> &[IpNet] {
        &self.networks
    }

    /// Whether a message may go to `address`.
    pub(super) fn allows(&self, address: IpAddr, encrypted: bool) -> bool {
        self.networks.iter().any(|network| network.contains(&address)) || encrypted && is_public(address)
    }

    /// The address of a webhook as it is kept, or what is wrong with it. What a name stands for is looked at when a message
    /// is sent, at each connection.
    pub(super) fn url(&self, text: &str) -> Result<Url, &'static str> {
        let url = Url::parse(text).map_err(|_| "is no address such as https://records.hospital.example/events")?;
        let encrypted = match url.scheme() {
            "https" => true,
            "http" if !self.networks.is_empty() => false,
            _ => return Err("must begin with https://"),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must hold no name and no password");
        }
        if url.fragment().is_some() {
            return Err("must hold no #");
        }
        match literal(&url) {
            Some(address) if !self.allows(address, encrypted) => Err("is an address that is not reached from here"),
            Some(_) | None => Ok(url),
        }
    }
}

/// The address of the host, where it is written as one and no name.
pub(super) fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for public in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700:4700::1111",
            "2a00:1450::1",
            "3ffe::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for inner in [
            // Unspecified, loopback, private, shared, link-local.
            "0.0.0.0",
            "0.1.2.3",
            "127.0.0.1",
            "127.255.255.254",
            "10.0.0.1",
            "10.255.255.255",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "169.254.169.254",
            // Protocols, documentation, measurements, relays.
            "192.0.0.1",
            "192.0.0.170",
            "192.0.2.1",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.175.48.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            // Multicast, reserved, broadcast.
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            // IPv6: unspecified, loopback, unique local, link-local, site-local, multicast, discard, segment routing.
            "::",
            "::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "5f00::1",
            "4000::1",
            // With an address of IPv4 within: compatible, mapped, translated, NAT64, local NAT64, 6to4, Teredo.
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:1.1.1.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::1.1.1.1",
            "64:ff9b:1::10.0.0.1",
            "2002:7f00:1::1",
            "2002:a9fe:a9fe::1",
            "2001:0:4136:e378::1",
            // Protocols, measurements, ORCHID, documentation, AS112.
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "3fff::1",
            "3fff:fff::1",
            "2620:4f:8000::1",
        ] {
            assert!(!is_public(inner.parse().unwrap()), "{inner}");
        }
    }

    #[test]
    fn an_inner_network_is_reached_only_where_it_is_named() {
        let reach = Reach::new(vec!["10.2.0.0/16".parse().unwrap(), "fd00:7::/32".parse().unwrap()]);
        for (address, encrypted, plain) in [
            ("10.2.3.4", true, true),
            ("10.3.0.1", false, false),
            ("fd00:7::1", true, true),
            ("fd00:8::1", false, false),
            ("::ffff:10.2.3.4", false, false),
            ("1.1.1.1", true, false),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(reach.allows(address, true), encrypted, "{address}");
            assert_eq!(reach.allows(address, false), plain, "{address}");
        }
    }

    #[test]
    fn what_is_wrong_with_an_address_is_found_however_it_is_written() {
        let (none, some) = (Reach::default(), Reach::new(vec!["10.2.0.0/16".parse().unwrap()]));
        for good in [
            "https://records.hospital.example/events?token=x",
            "https://records.hospital.example:8443/",
            "https://1.1.1.1/",
            "https://[2606:4700:4700::1111]/",
        ] {
            assert!(none.url(good).is_ok() && some.url(good).is_ok(), "{good}");
        }
        for inner in [
            "http://10.2.0.9:8080/events",
            "https://10.2.0.9/",
            "http://records.inner/",
        ] {
            assert!(some.url(inner).is_ok(), "{inner}");
        }
        for wrong in [
            "",
            "records.hospital.example",
            "ftp://records.hospital.example",
            "file:///etc/passwd",
            "https://",
            "https://me@records.hospital.example/",
            "https://me:secret@records.hospital.example/",
            "https://:secret@records.hospital.example/",
            "https://records.hospital.example/#top",
            // Loopback, as browsers have read it since the nineties.
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.0.0.1/",
            "https://0177.0.0.1/",
            "https://127.0.0.1./",
            "https://\u{ff11}27.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[0:0:0:0:0:ffff:a9fe:a9fe]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://169.254.169.254/latest/meta-data",
            "https://0/",
            "http://1.1.1.1/",
        ] {
            assert!(none.url(wrong).is_err() && some.url(wrong).is_err(), "{wrong}");
        }
        assert!(none.url("http://records.hospital.example/").is_err());
        assert!(none.url("https://10.2.0.9/").is_err());
    }
}
