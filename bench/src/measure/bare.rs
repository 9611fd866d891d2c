//! The bare route: an actix-web server that returns a body and does nothing else. It
//! is the upper bound of a web server.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use actix_web::{App, HttpResponse, HttpServer, rt::System, web};
use anyhow::{Context as _, Result};

use crate::{server::Reply, settings::Settings};

/// The process of the bare route; killed on drop.
pub(crate) struct Bare {
    child: Child,
    /// The socket address.
    pub(crate) address: String,
}

impl Bare {
    /// Starts a server that returns the body of this response for any path.
    pub(crate) fn start(settings: &Settings, reply: &Reply) -> Result<Self> {
        let body = settings.work.join("bare.body");
        fs::write(&body, &reply.body)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare").arg(&body).arg(&reply.content_type).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut address = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut address)?;
        Ok(Self { child, address: address.trim().to_owned() })
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Prints the socket address, then serves the content of a file until it is killed.
pub(crate) fn serve(file: &str, content_type: &str) -> Result<()> {
    let body = web::Bytes::from(fs::read(file)?);
    let content_type = content_type.to_owned();
    System::new().block_on(async move {
        let application = move || {
            let (body, content_type) = (body.clone(), content_type.clone());
            App::new().default_service(web::to(move || {
                let response = HttpResponse::Ok().content_type(content_type.clone()).body(body.clone());
                async move { response }
            }))
        };
        let server = HttpServer::new(application).bind(("127.0.0.1", 0))?;
        for address in server.addrs() {
            println!("{address}");
        }
        Ok(server.run().await?)
    })
}
